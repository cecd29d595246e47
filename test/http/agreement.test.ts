// The validator and `check` read the same tables: what one refuses the other refuses too.

import fc from 'fast-check'
import type { Dialect } from '../../src/core/dialect.ts'
import { loadConfig } from '../../src/config/load.ts'
import { createDialects } from '../../src/dialects/index.ts'
import { createValidation } from '../../src/http/validation.ts'
import { structureOf } from '../support/inputs.ts'

const dialects = createDialects(loadConfig({ environment: {} }).dialects)
const operations = dialects.flatMap((dialect) =>
  Object.keys(dialect.operations).map((operation) => ({
    name: `${dialect.name} ${operation}`,
    dialect,
    operation,
  })),
)

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
