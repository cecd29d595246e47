// Every failure in the vendor's words, and the statuses on which its agents drop their data.

import { BridgeError, ERROR_CODES, type ErrorCode } from '../../../src/core/errors.ts'
import { dis, headOf } from './bridge.ts'

const PUT = headOf('POST /v2/p1/records/')
const GET = headOf('GET /v2/p1/streams/s1')

/** Status on upload, status elsewhere, DIS code, text. */
const EXPECTED: Record<ErrorCode, readonly [number, number, string, string]> = {
  'method-not-allowed': [405, 405, 'DIS.4605', 'The action is not supported. why'],
  'unknown-operation': [404, 404, 'DIS.4200', 'Invalid request. why'],
  'not-supported': [400, 400, 'DIS.4605', 'The action is not supported. why'],
  'malformed-body': [400, 400, 'DIS.4300', 'Request error. why'],
  'wrong-type': [400, 400, 'DIS.4200', 'Invalid request. why'],
  constraint: [400, 400, 'DIS.4200', 'Invalid request. why'],
  'invalid-argument': [400, 400, 'DIS.4200', 'Invalid request. why'],
  'request-too-large': [413, 413, 'DIS.4200', 'Invalid request. why'],
  'record-too-large': [400, 400, 'DIS.4200', 'Invalid request. why'],
  'not-authenticated': [441, 441, 'DIS.4100', 'Authorization error. why'],
  'not-permitted': [403, 403, 'DIS.4116', 'Invalid RBAC. why'],
  'stream-not-found': [410, 400, 'DIS.4301', 'Stream does not exist. [s1][p1]'],
  'stream-exists': [400, 400, 'DIS.4307', 'The stream already exists. [s1][p1]'],
  'stream-in-use': [503, 400, 'DIS.4205', 'Stream is not running. [s1][p1]'],
  'invalid-name': [400, 400, 'DIS.4200', 'Invalid request. why'],
  'shard-not-found': [400, 400, 'DIS.4302', 'Partition does not exist. why'],
  'cannot-shrink': [400, 400, 'DIS.4200', 'Invalid request. why'],
  'limit-exceeded': [400, 400, 'DIS.4308', 'Insufficient quota. why'],
  'invalid-position': [400, 400, 'DIS.4217', 'Invalid partition cursor. why'],
  'expired-position': [400, 400, 'DIS.4225', 'Expired partition cursor. why'],
  throttled: [503, 503, 'DIS.4303', 'Exceeded traffic control limit.'],
  unavailable: [500, 500, 'DIS.5250', 'System error.'],
  undecided: [500, 500, 'DIS.5250', 'System error.'],
  internal: [500, 500, 'DIS.5000', 'System error.'],
}

test.each(ERROR_CODES)('%s', (code) => {
  const error = new BridgeError(code, 'why', { subject: 's1' })
  const [onPut, elsewhere, disCode, text] = EXPECTED[code]
  for (const [head, status] of [
    [PUT, onPut],
    [GET, elsewhere],
  ] as const) {
    const reply = dis.fail(error, head)
    expect(reply.status).toBe(status)
    expect(reply.headers).toEqual({ 'content-type': 'application/json' })
    expect(reply.body.toString()).toBe(
      JSON.stringify({ errorCode: disCode, message: text, error_code: disCode, error_msg: text }),
    )
  }
})

test('nothing that passes is a status on which the agent drops its data', () => {
  for (const code of [
    'throttled',
    'unavailable',
    'undecided',
    'internal',
    'stream-in-use',
  ] as const) {
    const { status } = dis.fail(new BridgeError(code, ''), PUT)
    expect([400, 401, 403, 429]).not.toContain(status)
  }
})

test('the cause of a failure is not told', () => {
  const error = new BridgeError('unavailable', 'broker-7:9092 refused', { cause: new Error('x') })
  expect(dis.fail(error, GET).body.toString()).not.toContain('broker-7')
})

test('every reply carries the request’s id', () => {
  expect(dis.dress(PUT, 'id-1')).toEqual({ 'x-request-id': 'id-1' })
})

test('limits and deadline are those of the settings', () => {
  expect(dis.bodyBytesMax).toBe(16 * 2 ** 20)
  expect(dis.answerWithinMs(PUT)).toBe(30_000)
})
