// The validator and `check` read the same tables: what one refuses the other refuses too.

import fc from 'fast-check'
import type { Shape, StructureShape } from '../../src/core/shape.ts'
import type { Dialect } from '../../src/core/dialect.ts'
import { loadConfig } from '../../src/config/load.ts'
import { createDialects } from '../../src/dialects/index.ts'
import { createValidation } from '../../src/http/validation.ts'

const dialects = createDialects(loadConfig({ environment: {} }).dialects)
const operations = dialects.flatMap((dialect) =>
  Object.keys(dialect.operations).map((operation) => ({
    name: `${dialect.name} ${operation}`,
    dialect,
    operation,
  })),
)

/** Values near a shape: right ones, ones at and beyond its limits, and other types. */
function valuesOf(shape: Shape): fc.Arbitrary<unknown> {
  const odd = fc.constantFrom(null, undefined, '', 'x', '-1', 0, -1, 1.5, true, [], {}, 'a b/é')
  return fc.oneof(
    { weight: 40, arbitrary: right(shape) },
    { weight: 3, arbitrary: near(shape) },
    { weight: 1, arbitrary: odd },
  )
}

const TEXTS = ['demo', '12', 'shardId-000000000000', 'arn:aws:kinesis:r:000000000000:stream/demo']

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

function structureOf({ members }: StructureShape): fc.Arbitrary<unknown> {
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

const handlers = createValidation(dialects, '0.0.0')

/** Runs the validator alone, on a request in its normal form. */
function findsFault(dialect: Dialect, operation: string, body: unknown): Promise<boolean> {
  const url = `/${dialect.name}/${operation}`
  const request = {
    method: 'POST',
    url,
    originalUrl: url,
    path: url,
    headers: { 'content-type': 'application/json' },
    query: {},
    params: {},
    body,
    app: { _router: undefined, enabled: () => false },
  }
  return new Promise((resolve) => {
    const step = (i: number): void => {
      const handler = handlers[i]
      if (!handler) resolve(false)
      else {
        handler(request as never, {} as never, (error?: unknown) => {
          if (error) resolve(true)
          else step(i + 1)
        })
      }
    }
    step(0)
  })
}

function refuses(dialect: Dialect, operation: string, body: unknown): boolean {
  try {
    dialect.check(operation, body as Record<string, unknown>)
    return false
  } catch {
    return true
  }
}

test.each(operations)('$name: both accept and refuse the same inputs', async (each) => {
  const { dialect, operation } = each
  const shape = dialect.operations[operation]!.input
  const seen = new Set<boolean>()
  await fc.assert(
    fc.asyncProperty(structureOf(shape), async (input) => {
      const body = JSON.parse(JSON.stringify(input)) as unknown
      const [validator, check] = [
        await findsFault(dialect, operation, body),
        refuses(dialect, operation, body),
      ]
      seen.add(check)
      expect({ body, refused: validator }).toEqual({ body, refused: check })
    }),
    { numRuns: 100 },
  )
  // Otherwise the test would compare refusals with refusals.
  expect(seen).toContain(false)
})
