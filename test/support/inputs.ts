// Inputs for operations, made from the tables that describe them.

import fc from 'fast-check'
import type { Shape, StructureShape } from '../../src/core/shape.ts'

/** Values near a shape: right ones, ones at and beyond its limits, and other types. */
function valuesOf(shape: Shape): fc.Arbitrary<unknown> {
  const odd = fc.constantFrom(null, undefined, '', 'x', '-1', 0, -1, 1.5, true, [], {}, 'a b/é')
  return fc.oneof(
    { weight: 40, arbitrary: right(shape) },
    { weight: 3, arbitrary: near(shape) },
    { weight: 1, arbitrary: odd },
  )
}

const CONSUMER = 'arn:aws:kinesis:r:000000000000:stream/demo/consumer/demo:1'
const TEXTS = [
  'demo',
  '12',
  'shardId-000000000000',
  'arn:aws:kinesis:r:000000000000:stream/demo',
  CONSUMER,
]

/** Values that a shape takes. */
function right(shape: Shape): fc.Arbitrary<unknown> {
  switch (shape.type) {
    case 'text': {
      const pattern = new RegExp(`^(?:${shape.pattern ?? '.*'})$`, 'u')
      return fc.constantFrom(...(shape.values ?? TEXTS.filter((text) => pattern.test(text))))
    }
    case 'number':
      return fc.constant(shape.min ?? 1)
    case 'blob':
      return fc.constant('QQ==')
    case 'list':
      return fc.array(valuesOf(shape.of), { minLength: shape.lengthMin ?? 0, maxLength: 3 })
    case 'map':
      return fc.constant({ team: 'blue' })
    default:
      return near(shape)
  }
}

function around(limits: (number | undefined)[]): fc.Arbitrary<number> {
  const known = limits.filter((limit) => limit !== undefined && limit < 5000) as number[]
  return fc.constantFrom(1, 2, ...known.flatMap((limit) => [limit - 1, limit, limit + 1]))
}

function near(shape: Shape): fc.Arbitrary<unknown> {
  switch (shape.type) {
    case 'text':
      return fc.oneof(
        fc.constantFrom(...(shape.values ?? ['demo', '12', '0', 'shardId-000000000000'])),
        around([shape.charsMin, shape.charsMax]).map((n) => 'a'.repeat(Math.max(0, n))),
        around([shape.charsMax]).map((n) => '😀'.repeat(Math.max(0, n))),
        fc.string(),
      )
    case 'number':
      return fc.oneof(around([shape.min, shape.max]), fc.integer(), fc.double({ noNaN: true }))
    case 'time':
      return fc.nat()
    case 'flag':
      return fc.boolean()
    case 'blob':
      return fc.oneof(
        fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes).toString('base64')),
        fc.constantFrom('ab', 'a=b=', '****', 'ab-_', 'QQ==', 'QQ==QQ=='),
        fc.constant(shape.bytesMax).map((max = 9) => Buffer.alloc(max + 1).toString('base64')),
      )
    case 'list':
      return fc.oneof(
        fc.array(valuesOf(shape.of), { maxLength: 3 }),
        around([shape.lengthMin, shape.lengthMax]).map((n) =>
          Array<unknown>(Math.max(0, n)).fill({}),
        ),
      )
    case 'map':
      return fc.dictionary(fc.string({ maxLength: 200 }), fc.string({ maxLength: 300 }), {
        maxKeys: 3,
      })
    case 'structure':
      return structureOf(shape)
    case 'any':
      return fc.anything()
  }
}

/** Inputs near a structure: with what it needs, mostly, and without. */
export function structureOf({ members }: StructureShape): fc.Arbitrary<unknown> {
  const model = Object.fromEntries(
    Object.entries(members).map(([name, shape]) => [name, valuesOf(shape)]),
  )
  const required = Object.entries(members)
    .filter(([, { required: must }]) => must !== undefined)
    .map(([name]) => name)
  return fc.oneof(
    fc.record(model, { requiredKeys: required }),
    fc.record(model, { requiredKeys: [] }),
  )
}
