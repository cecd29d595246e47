// Protocol buffers as a test sees them: fields to bytes and back, without a word of the service's own.

export type Value = string | Buffer | number | bigint | readonly Field[]
/** A field's number and value; a message within one is its fields. */
export type Field = readonly [number: number, value: Value]

function varint(value: number | bigint): Buffer {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return Buffer.from([...bytes, Number(rest)])
}

export function writeMessage(fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([number, value]) => {
      if (typeof value === 'number' || typeof value === 'bigint') {
        return [varint(number * 8), varint(value)]
      }
      const isBytes = typeof value === 'string' || Buffer.isBuffer(value)
      const bytes = isBytes ? Buffer.from(value) : writeMessage(value)
      return [varint(number * 8 + 2), varint(bytes.length), bytes]
    }),
  )
}

/** Every field in its order: numbers as BigInt, all else as bytes. */
export function readMessage(bytes: Buffer): [number: number, value: bigint | Buffer][] {
  const fields: [number, bigint | Buffer][] = []
  let at = 0
  const next = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(at++)
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  while (at < bytes.length) {
    const tag = Number(next())
    const value = next()
    if (tag % 8 === 2) at += Number(value)
    if (at > bytes.length) throw new RangeError('a field is longer than its message')
    fields.push([tag >> 3, tag % 8 === 2 ? bytes.subarray(at - Number(value), at) : value])
  }
  return fields
}

/** The texts of a message's fields by their names; numbers in decimal. */
export function textsOf(bytes: Buffer, names: Readonly<Record<number, string>>) {
  return Object.fromEntries(
    readMessage(bytes).map(([number, value]) => [names[number] ?? `${number}`, value.toString()]),
  )
}
