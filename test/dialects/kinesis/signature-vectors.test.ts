// Requests as botocore signs them at a fixed time (test/vectors/kinesis), in the header and in the query:
// accepted as they are, and refused once anything that is signed is another.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseCredentials } from '../../../src/config/credentials.ts'
import { loadConfig } from '../../../src/config/load.ts'
import type { Call, Head } from '../../../src/core/dialect.ts'
import { BridgeError } from '../../../src/core/errors.ts'
import { createPrincipals, type Identity } from '../../../src/core/principals.ts'
import { createDialects } from '../../../src/dialects/index.ts'

interface Vector {
  readonly secret: string
  readonly at: string
  readonly method: string
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body_base64: string
}

const FOLDER = join(import.meta.dirname, '../../vectors/kinesis')
const VECTORS = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .map((name): [string, Vector] => [
    name,
    JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as Vector,
  ])

const [KINESIS] = createDialects(loadConfig({ environment: {} }).dialects).filter(
  ({ name }) => name === 'kinesis',
)

const TEMPORARY = { accessKeyId: 'ASIATEMPORARY', sessionToken: 'session/token+with=signs==' }

/** Both keys of the vectors, with this secret. */
function identityOf(secret: string): Identity {
  const aws = [{ accessKeyId: 'AKIDEXAMPLE' }, TEMPORARY].map((key) => ({
    ...key,
    secretAccessKey: secret,
  }))
  return createPrincipals(
    parseCredentials(JSON.stringify({ principals: [{ name: 'p', aws }] })),
    Date.now,
  )
}

function timeOf(text: string): number {
  return Date.parse(text.replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6Z'))
}

type Change = Partial<Pick<Vector, 'target' | 'headers' | 'body_base64' | 'method'>>

function callOf(vector: Vector, change: Change = {}): Call {
  const { method, target, headers, body_base64, at } = { ...vector, ...change }
  const [path = '', query = ''] = target.split(/\?(.*)/s)
  const head: Head = { method, target, path, query, headers }
  return {
    head,
    body: Buffer.from(body_base64, 'base64'),
    ...{ id: '', receivedAtMs: timeOf(at), deadlineMs: timeOf(at) + 1000 },
    charge: () => undefined,
    release: () => undefined,
  }
}

/** Why a call is refused; nothing where its signature holds, whatever else is wrong with it. */
function refusalOf(call: Call, secret: string): string | undefined {
  try {
    KINESIS!.open(call, identityOf(secret))
    return undefined
  } catch (error) {
    if (error instanceof BridgeError && error.code === 'not-authenticated') return error.as
    throw error
  }
}

/** Near its end, in the data: it can be read all the same. */
function withAnotherByte(base64: string): string {
  const bytes = Buffer.from(base64, 'base64')
  const at = bytes.length - 3
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
  return bytes.toString('base64')
}

const MISMATCH = 'InvalidSignatureException'

describe.each(VECTORS)('%s', (_, vector) => {
  const { secret, headers, body_base64 } = vector

  test('is accepted as it is', () => {
    expect(refusalOf(callOf(vector), secret)).toBeUndefined()
  })

  test('is refused with another secret', () => {
    expect(refusalOf(callOf(vector), `${secret}0`)).toBe(MISMATCH)
  })

  test.each<[string, Change]>([
    ['host', { headers: { ...headers, host: 'elsewhere.example' } }],
    ['operation', { headers: { ...headers, 'x-amz-target': 'Kinesis_20131202.DescribeStream' } }],
    ['path', { target: vector.target.replace('/', '/x') }],
    ['query', { target: `${vector.target}${vector.target.includes('?') ? '&' : '?'}x=1` }],
    ['body', { body_base64: withAnotherByte(body_base64) }],
  ])('is refused with another %s', (_what, change) => {
    expect(refusalOf(callOf(vector, change), secret)).toBe(MISMATCH)
  })
})
