// Every failure in the vendor's words, byte for byte.

import { BridgeError, ERROR_CODES, type ErrorCode } from '../../../src/core/errors.ts'
import { headOf, v3io } from './bridge.ts'

const FUNCTION = headOf('POST /c/s/', { 'x-v3io-function': 'PutRecords' })
const OBJECT = headOf('DELETE /c/s/')

const INVALID = '{"ErrorCode":-201326592,"ErrorMessage":"InvalidArgumentException"}'
const TRANSIENT =
  '{"ErrorCode":-117440512,"ErrorMessage":"Failed to send a control message request"}'
const COUNT = '{"ErrorCode":-201326610,"ErrorMessage":"InvalidShardCountException"}'
const LOCATION = '{"ErrorCode":-201326611,"ErrorMessage":"IllegalLocationException"}'
const DENIED = '{"ErrorCode":-13,"ErrorMessage":"Permission denied"}'

const WIRE: Record<ErrorCode, readonly [number, string]> = {
  'method-not-allowed': [405, INVALID],
  'unknown-operation': [400, INVALID],
  'not-supported': [501, '{"ErrorCode":-95,"ErrorMessage":"why"}'],
  'malformed-body': [400, INVALID],
  'wrong-type': [400, INVALID],
  constraint: [400, INVALID],
  'invalid-argument': [400, INVALID],
  'request-too-large': [413, INVALID],
  'record-too-large': [400, INVALID],
  'not-authenticated': [401, DENIED],
  'not-permitted': [403, DENIED],
  'stream-not-found': [404, '{"ErrorCode":-201326608,"ErrorMessage":"ResourceNotFoundException"}'],
  'stream-exists': [409, '{"ErrorCode":-201326609,"ErrorMessage":"ResourceInUseException"}'],
  'stream-in-use': [503, TRANSIENT],
  'invalid-name': [400, INVALID],
  'shard-not-found': [400, '{"ErrorCode":-201326594,"ErrorMessage":"ShardIDOutOfRangeException"}'],
  'cannot-shrink': [400, COUNT],
  'limit-exceeded': [400, COUNT],
  'invalid-position': [400, LOCATION],
  'expired-position': [400, LOCATION],
  throttled: [503, TRANSIENT],
  unavailable: [503, TRANSIENT],
  undecided: [503, TRANSIENT],
  internal: [503, TRANSIENT],
}

test.each(ERROR_CODES)('%s', (code) => {
  const { status, headers, body } = v3io.fail(new BridgeError(code, 'why'), FUNCTION)
  expect([status, body.toString()]).toEqual(WIRE[code])
  expect(headers['content-type']).toBe('application/json')
  expect(headers['x-tributary-reason']).toBe(status < 500 ? 'why' : undefined)
})

test('what is missing, to the calls on objects', () => {
  const missing = new BridgeError('stream-not-found', 'There is no stream c/s')
  expect(v3io.fail(missing, OBJECT).body.toString()).toBe(
    '{"ErrorCode":-2,"ErrorMessage":"No such file or directory"}',
  )
  const { status, body } = v3io.fail(missing, headOf('HEAD /c/s'))
  expect([status, body.length]).toEqual([404, 0])
})

test('a reason is a header that any text can be in', () => {
  const error = new BridgeError('invalid-name', `ü\r\nx: y${'z'.repeat(2000)}`)
  const reason = v3io.fail(error, FUNCTION).headers['x-tributary-reason'] ?? ''
  expect(reason).toMatch(/^\?\?\?x: yz+$/)
  expect(reason.length).toBe(1024)
})
