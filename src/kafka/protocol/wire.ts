// Kafka's primitive types: integers in network order, strings and arrays with a length before
// them, and their compact forms in "flexible" versions of a request (lengths as varint + 1, tagged
// fields at the end of every structure).
//
// The writer grows and is for small requests. Record batches, which are not small, are written in
// place by record-batch.ts.
//
// Not done: tagged fields are skipped when read and never written.

const TWO_32 = 2 ** 32
const INITIAL_BYTES = 256

/** Appends primitive values to a buffer that grows. */
export class Writer {
  #bytes = Buffer.allocUnsafe(INITIAL_BYTES)
  #length = 0
  readonly #flexible: boolean

  constructor(flexible = false) {
    this.#flexible = flexible
  }

  int8(value: number): this {
    this.#bytes.writeInt8(value, this.#grow(1))
    return this
  }

  int16(value: number): this {
    this.#bytes.writeInt16BE(value, this.#grow(2))
    return this
  }

  int32(value: number): this {
    this.#bytes.writeInt32BE(value, this.#grow(4))
    return this
  }

  int64(value: number): this {
    writeInt64(this.#bytes, value, this.#grow(8))
    return this
  }

  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0)
  }

  uvarint(value: number): this {
    let rest = value
    while (rest > 127) {
      this.int8((((rest & 127) | 128) << 24) >> 24)
      rest >>>= 7
    }
    return this.int8(rest)
  }

  /** Bytes as they are, without a length. */
  raw(value: Uint8Array): this {
    const at = this.#grow(value.length)
    this.#bytes.set(value, at)
    return this
  }

  /** A string or its absence, with a length as the version wants it. */
  string(value: string | null): this {
    if (value === null) return this.#flexible ? this.uvarint(0) : this.int16(-1)
    const text = Buffer.from(value)
    if (this.#flexible) this.uvarint(text.length + 1)
    else this.int16(text.length)
    return this.raw(text)
  }

  /** The length before an array's members; null: no array, which often means "all". */
  count(value: number | null): this {
    if (this.#flexible) return this.uvarint(value === null ? 0 : value + 1)
    return this.int32(value ?? -1)
  }

  /** The end of a structure: no tagged fields. Nothing in versions that are not flexible. */
  end(): this {
    return this.#flexible ? this.int8(0) : this
  }

  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  #grow(bytes: number): number {
    const at = this.#length
    this.#length += bytes
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#length, this.#bytes.length * 2))
      this.#bytes.copy(larger, 0, 0, at)
      this.#bytes = larger
    }
    return at
  }
}

/** Takes primitive values from a reply. Throws RangeError where the reply is too short. */
export class Reader {
  readonly #bytes: Buffer
  readonly #flexible: boolean
  #at = 0

  constructor(bytes: Buffer, flexible = false) {
    this.#bytes = bytes
    this.#flexible = flexible
  }

  int8(): number {
    return this.#bytes.readInt8(this.#take(1))
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#take(2))
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#take(4))
  }

  /** Exact up to 2^53. */
  int64(): number {
    const at = this.#take(8)
    return this.#bytes.readInt32BE(at) * TWO_32 + this.#bytes.readUInt32BE(at + 4)
  }

  boolean(): boolean {
    return this.int8() !== 0
  }

  uvarint(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.int8()
      value += (byte & 127) * 2 ** shift
      if (byte >= 0) return value
    }
    throw new RangeError('A varint has no end')
  }

  /** A signed one, as in records: small integers of either sign are short. Exact up to 2^53. */
  varint(): number {
    let value = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.int8()
      value += (byte & 127) * 2 ** shift
      if (byte >= 0) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    }
    throw new RangeError('A varint has no end')
  }

  raw(length: number): Buffer {
    const at = this.#take(length)
    return this.#bytes.subarray(at, at + length)
  }

  string(): string | null {
    const length = this.#flexible ? this.uvarint() - 1 : this.int16()
    return length < 0 ? null : this.raw(length).toString()
  }

  /** The members of an array; none where there is no array. */
  array<T>(member: (reader: this) => T): T[] {
    const count = this.#flexible ? this.uvarint() - 1 : this.int32()
    // A member has at least one byte: a count beyond the rest is a broken reply, not a reason to
    // allocate.
    if (count > this.#bytes.length - this.#at) throw new RangeError('An array is too long')
    const members: T[] = []
    for (let i = 0; i < count; i++) members.push(member(this))
    return members
  }

  /** The end of a structure: skips its tagged fields. */
  end(): void {
    if (!this.#flexible) return
    for (let fields = this.uvarint(); fields > 0; fields--) {
      this.uvarint()
      this.raw(this.uvarint())
    }
  }

  #take(length: number): number {
    const at = this.#at
    if (at + length > this.#bytes.length) throw new RangeError('The reply ends early')
    this.#at = at + length
    return at
  }
}

/** Writes an integer of up to 2^53 as eight bytes. */
export function writeInt64(target: Buffer, value: number, at: number): void {
  const high = Math.floor(value / TWO_32)
  target.writeInt32BE(high, at)
  target.writeUInt32BE(value - high * TWO_32, at + 4)
}
