// Which requests are DIS's, and which operation they are, as the vendor's clients write them.

import type { BridgeError } from '../../../src/core/errors.ts'
import { dis, headOf, startBridge } from './bridge.ts'

function operationOf(line: string): string {
  const call = {
    head: headOf(line),
    body: Buffer.from('{}'),
    id: '',
    receivedAtMs: 0,
    deadlineMs: 0,
    charge: () => undefined,
    release: () => undefined,
  }
  return dis.open(call).operation
}

test.each([
  '/v2/p1/records',
  '/v2/p1/records/',
  '//v2//p1//records//',
  '/v2/p1/streams/s1/',
  '/v2/p1/stream/s1/tags',
  '/v2/p1/cursors/',
  '/v2/p1/checkpoints/',
  '/v2/p1/apps/a/consumers/',
  '/v3/p1/streams/s1',
])('%s is surely DIS', (path) => {
  expect(dis.claim(headOf(`POST ${path}`))).toBe('surely')
})

test.each([
  '/',
  '/v2/p1',
  '/v2/records',
  '/v1/p1/records',
  '/v2/p1/recordsets',
  '/x/v2/p1/records',
])('%s is not', (path) => {
  expect(dis.claim(headOf(`POST ${path}`))).toBe('no')
})

test.each([
  ['POST /v2/p1/records', 'PutRecords'],
  ['POST /v2/p1/records/', 'PutRecords'],
  ['POST //v2//p1/records//', 'PutRecords'],
  ['GET /v2/p1/records/?partition-cursor=abc+/==&', 'GetRecords'],
  ['GET /v2/p1/cursors/?stream-name=s1&partition-id=0&cursor-type=LATEST', 'GetCursor'],
  ['POST /v2/p1/streams/', 'CreateStream'],
  ['GET /v2/p1/streams?limit=10', 'ListStreams'],
  ['GET /v2/p1/streams/s1/?stream_name=s1&limit_partitions=100&', 'DescribeStream'],
  ['PUT /v2/p1/streams/s1', 'UpdatePartitionCount'],
  ['PUT /v2/p1/streams/s1/update/', 'UpdateStream'],
  ['PUT /v3/p1/streams/s1', 'UpdateStream'],
  ['DELETE /v2/p1/streams/s1/?stream_name=s1', 'DeleteStream'],
  ['POST /v2/p1/apps/', 'CreateApp'],
  ['GET /v2/p1/apps', 'ListApps'],
  ['GET /v2/p1/apps/a', 'DescribeApp'],
  ['DELETE /v2/p1/apps/a', 'DeleteApp'],
  ['GET /v2/p1/apps/a/streams/s1?checkpoint_type=LAST_READ', 'DescribeConsumerState'],
  ['POST /v2/p1/checkpoints', 'CommitCheckpoint'],
  ['GET /v2/p1/checkpoints', 'GetCheckpoint'],
  ['DELETE /v2/p1/checkpoints', 'DeleteCheckpoint'],
  ['POST /v2/p1/apps/g/consumers/', 'JoinGroup'],
  ['POST /v2/p1/apps/g/consumers/c/partitions/', 'SyncGroup'],
  ['POST /v2/p1/apps/g/consumers/c/heartbeats/', 'Heartbeat'],
  ['DELETE /v2/p1/apps/g/consumers/c/', 'LeaveGroup'],
  ['GET /v2/p1/streams/s1/metrics', 'GetStreamMetrics'],
  ['GET /v2/p1/streams/s1/partitions/0/metrics', 'GetPartitionMetrics'],
  ['POST /v2/p1/streams/s1/transfer-tasks', 'TransferTasks'],
  ['DELETE /v2/p1/streams/s1/transfer-tasks/t1/', 'TransferTasks'],
  ['GET /v2/p1/stream/s1/transfer-tasks/t1', 'TransferTasks'],
  ['GET /v2/p1/streams/s1/policies', 'StreamPolicies'],
  ['POST /v2/p1/stream/i1/tags', 'CreateTag'],
  ['GET /v2/p1/stream/i1/tags/', 'ListStreamTags'],
  ['POST /v2/p1/stream/i1/tags/action', 'BatchTags'],
  ['DELETE /v2/p1/stream/i1/tags/k', 'DeleteTag'],
  ['GET /v2/p1/stream/tags', 'ListTags'],
  ['POST /v2/p1/stream/resource_instances/action', 'FilterStreams'],
])('%s is %s', (line, operation) => {
  expect(operationOf(line)).toBe(operation)
  expect(Object.keys(dis.operations)).toContain(operation)
})

test('every operation has a sentence about it', () => {
  for (const { about } of Object.values(dis.operations)) expect(about).toMatch(/^[A-Z].*\.$/s)
})

test.each([
  ['GET /v2/p1/records/x/y', 'unknown-operation', 404, 'DIS.4200'],
  ['POST /v3/p1/records', 'unknown-operation', 404, 'DIS.4200'],
  ['PATCH /v2/p1/streams/s1', 'method-not-allowed', 405, 'DIS.4605'],
])('%s is %s', async (line, code, status, disCode) => {
  expect(() => operationOf(line)).toThrow(expect.objectContaining({ code }) as BridgeError)
  const answer = await startBridge().send(line)
  expect(answer.status).toBe(status)
  expect(answer.json['errorCode']).toBe(disCode)
})

test.each([
  ['GET /v2/{p}/streams/s1/policies', undefined],
  ['DELETE /v2/{p}/streams/s1/transfer-tasks/t1/', undefined],
  ['POST /v2/{p}/streams/s1/transfer-tasks', { destination_type: 'OBS' }],
  ['PUT /v2/{p}/streams/s1/policies', {}],
])('%s is refused in a sentence', async (line, body) => {
  const { status, json } = await startBridge({ s1: 1 }).send(line, body)
  expect(status).toBe(400)
  expect(json['errorCode']).toBe('DIS.4605')
  expect(json['message']).toMatch(/^The action is not supported\. [A-Z].+\.$/)
})
