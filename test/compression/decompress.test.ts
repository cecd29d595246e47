import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { compress } from 'snappyjs'
import { decompressGzip, DecompressionError } from '../../src/compression/decompress.ts'
import { decompressLz4Block, decompressLz4Frame } from '../../src/compression/lz4.ts'
import { decompressSnappy, decompressSnappyBlock } from '../../src/compression/snappy.ts'
import { decompressZstd } from '../../src/compression/zstd.ts'

type Decompress = (bytes: Buffer, bytesMax: number) => Buffer | Promise<Buffer>

const CODECS: Readonly<Record<string, Decompress>> = {
  gzip: decompressGzip,
  'an LZ4 block': decompressLz4Block,
  'an LZ4 frame': decompressLz4Frame,
  snappy: decompressSnappy,
  'a snappy block': decompressSnappyBlock,
  zstd: decompressZstd,
}

interface Sequence {
  readonly literals: Buffer
  readonly distance: number
  readonly length: number
}

/** LZ4's block format, written by the letter. The last sequence is literals alone. */
function lz4Block(sequences: readonly Sequence[], last: Buffer): Buffer {
  const parts = sequences.map(({ literals, distance, length }) => {
    const head = lengths(literals.length, length - 4)
    const offset = Buffer.from([distance & 255, distance >> 8])
    return Buffer.concat([head.first, literals, offset, head.second])
  })
  return Buffer.concat([...parts, lengths(last.length, 0).first, last])
}

function lengths(literals: number, match: number): { first: Buffer; second: Buffer } {
  const token = Math.min(15, literals) * 16 + Math.min(15, match)
  const more = (length: number): number[] => {
    if (length < 15) return []
    const rest = length - 15
    return [...Array<number>(Math.floor(rest / 255)).fill(255), rest % 255]
  }
  return { first: Buffer.from([token, ...more(literals)]), second: Buffer.from(more(match)) }
}

function expand(sequences: readonly Sequence[], last: Buffer, before: readonly number[]): number[] {
  const plain = [...before]
  for (const { literals, distance, length } of sequences) {
    plain.push(...literals)
    for (let i = 0; i < length; i++) plain.push(plain[plain.length - distance]!)
  }
  return [...plain, ...last]
}

/** Sequences whose matches reach no further back than what is there. */
function sequences(before: number): fc.Arbitrary<Sequence[]> {
  const wanted = fc.record({
    literals: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    back: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.integer({ min: 4, max: 700 }),
  })
  return fc.array(wanted, { maxLength: 8 }).map((all) => {
    let there = before
    return all.flatMap(({ literals, back, length }) => {
      there += literals.length
      if (there === 0) return []
      const distance = Math.max(1, Math.ceil(back * Math.min(there, 65_535)))
      there += length
      return [{ literals, distance, length }]
    })
  })
}

const bytes = fc.uint8Array({ maxLength: 300 }).map((each) => Buffer.from(each))

function sized(block: Buffer, flag = 0): Buffer {
  const size = Buffer.alloc(4)
  size.writeUInt32LE(block.length + flag)
  return Buffer.concat([size, block])
}

const LZ4_HEAD = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x40, 0x40, 0])
const LZ4_END = Buffer.alloc(4)

/** A frame with a window of 1 KiB and blocks of a type (0: raw, 1: one byte again and again). */
function zstdFrame(blocks: readonly { type: 0 | 1; size: number; data: Buffer }[]): Buffer {
  const parts = blocks.map(({ type, size, data }, i) => {
    const head = Buffer.alloc(3)
    head.writeUIntLE(size * 8 + type * 2 + (i === blocks.length - 1 ? 1 : 0), 0, 3)
    return Buffer.concat([head, data])
  })
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0]), ...parts])
}

describe('what was compressed comes back', () => {
  test('gzip', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, async (plain) => {
        expect((await decompressGzip(gzipSync(plain), 1000)).equals(plain)).toBe(true)
      }),
    )
  })

  test('LZ4: a block, with matches that reach into themselves', () => {
    fc.assert(
      fc.property(sequences(0), bytes, (each, last) => {
        const plain = Buffer.from(expand(each, last, []))
        const block = lz4Block(each, last)
        expect(decompressLz4Block(block, plain.length).equals(plain)).toBe(true)
        if (plain.length > 0) {
          expect(() => decompressLz4Block(block, plain.length - 1)).toThrow(DecompressionError)
        }
      }),
    )
  })

  test('LZ4: a frame whose blocks refer to those before, and one that is stored', () => {
    fc.assert(
      fc.property(bytes, sequences(0), bytes, (stored, each, last) => {
        const first = expand(each, last, [])
        const again = [
          { literals: Buffer.alloc(0), distance: first.length + stored.length, length: 9 },
        ]
        fc.pre(first.length > 0 && first.length + stored.length < 65_536)
        const frame = Buffer.concat([
          ...[LZ4_HEAD, sized(lz4Block(each, last))],
          ...(stored.length > 0 ? [sized(stored, 0x8000_0000)] : []),
          ...[sized(lz4Block(again, Buffer.alloc(0))), LZ4_END],
        ])
        const plain = Buffer.from(expand(again, Buffer.alloc(0), [...first, ...stored]))
        expect(decompressLz4Frame(frame, plain.length).equals(plain)).toBe(true)
        expect(() => decompressLz4Frame(frame, plain.length - 1)).toThrow(/More than/)
      }),
    )
  })

  test('snappy: a block, and the stream of Java', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        const blocks = [a, b].map((plain) => Buffer.from(compress(plain)))
        const stream = Buffer.concat([
          Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]),
          ...blocks.flatMap((block) => [sized(block).subarray(0, 4).reverse(), block]),
        ])
        expect(decompressSnappy(blocks[0]!, a.length).equals(a)).toBe(true)
        const plain = Buffer.concat([a, b])
        expect(decompressSnappy(stream, plain.length).equals(plain)).toBe(true)
      }),
    )
  })

  test('zstd: raw blocks, repeated bytes, frames one after the other, frames to skip', () => {
    const raw = Buffer.from('raw')
    const frame = zstdFrame([
      { type: 0, size: 3, data: raw },
      { type: 1, size: 500, data: Buffer.from('x') },
    ])
    const skipped = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9])
    const plain = `raw${'x'.repeat(500)}`

    expect(decompressZstd(frame, 503).toString()).toBe(plain)
    expect(decompressZstd(Buffer.concat([frame, skipped, frame]), 2000).toString()).toBe(
      plain + plain,
    )
  })
})

describe('a bomb costs no more than the limit', () => {
  const MIB = 1024 * 1024
  const bombs: readonly [string, Buffer][] = [
    ['gzip', gzipSync(Buffer.alloc(50 * MIB))],
    [
      'an LZ4 block',
      Buffer.concat([Buffer.from([0x1f, 0, 1, 0]), Buffer.alloc(MIB, 255), Buffer.alloc(2)]),
    ],
    ['snappy', Buffer.from(compress(Buffer.alloc(20 * MIB)))],
    ['a snappy block', Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0])],
    [
      'zstd',
      zstdFrame(
        Array.from({ length: 2000 }, () => ({ type: 1, size: 1000, data: Buffer.from('x') })),
      ),
    ],
    // A window of 1 TiB; and a great many blocks, each of which has a window to move.
    ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 30 << 3, 1, 0, 0])],
    [
      'zstd',
      Buffer.concat([
        Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 13 << 3]),
        Buffer.alloc(60_000),
        Buffer.from([1, 0, 0]),
      ]),
    ],
  ]

  test.each(bombs)('%s', async (name, bomb) => {
    const startedMs = performance.now()
    await expect(async () => CODECS[name]!(bomb, MIB)).rejects.toMatchObject({ tooLarge: true })
    expect(performance.now() - startedMs).toBeLessThan(1000)
  })
})

describe('snappy that is none', () => {
  test.each<[string, number[]]>([
    ['a literal of 2 GiB', [16, 63 << 2, 0, 0, 0, 0x80, 1, 2, 3]],
    ['a literal of 4 GiB', [16, 63 << 2, 0xff, 0xff, 0xff, 0xff, 1, 2, 3]],
    ['a copy from 2 GiB before', [16, 0, 1, 3, 0, 0, 0, 0x80]],
    ['less than it says', [200, 1, 0, 1]],
    ['more than it says', [1, 1 << 2, 1, 2]],
    ['a copy beyond its end', [2, 0, 1, (10 << 2) | 2, 1, 0]],
  ])('%s is told at once', (_, bytes) => {
    expect(() => decompressSnappyBlock(Buffer.from(bytes), 100)).toThrow(DecompressionError)
  })
})

describe('whatever comes', () => {
  const heads: Readonly<Record<string, Buffer>> = {
    gzip: Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0]),
    'an LZ4 frame': LZ4_HEAD,
    zstd: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]),
  }

  test.each(Object.entries(CODECS))(
    '%s is bytes within the limit, or an error',
    async (name, decompress) => {
      await fc.assert(
        fc.asyncProperty(bytes, fc.boolean(), async (tail, hasHead) => {
          const head = hasHead ? (heads[name] ?? Buffer.alloc(0)) : Buffer.alloc(0)
          try {
            expect(
              (await decompress(Buffer.concat([head, tail]), 1000)).length,
            ).toBeLessThanOrEqual(1000)
          } catch (error) {
            if (!(error instanceof DecompressionError)) throw error
          }
        }),
        { numRuns: 500 },
      )
    },
  )
})
