// Method and path → operation. One table holds every call of the vendor's that is known, those that
// are refused included.
//
// * Empty segments do not count: the Java and Python SDKs end every path with a slash.
// * `{name}` takes one segment and becomes the input's member of that name; `*` at the end takes
//   whatever follows, `ANY` whatever method.

import type { Head } from '../../core/dialect.ts'
import { BridgeError } from '../../core/errors.ts'
import type { RefusedName } from './operations/refused.ts'
import type { ServedName } from './schema.ts'

const ANY = 'ANY'
const APP = '/v2/{project_id}/apps/{app_name}'
const STREAM = '/v2/{project_id}/streams/{stream_name}'
const TAGS = '/v2/{project_id}/stream/{stream_id}/tags'
const CONSUMER = `${APP}/consumers/{client_id}`

type OperationName = ServedName | RefusedName

const ROUTES: readonly (readonly [method: string, path: string, operation: OperationName])[] = [
  ['POST', '/v2/{project_id}/records', 'PutRecords'],
  ['GET', '/v2/{project_id}/records', 'GetRecords'],
  ['GET', '/v2/{project_id}/cursors', 'GetCursor'],

  ['POST', '/v2/{project_id}/streams', 'CreateStream'],
  ['GET', '/v2/{project_id}/streams', 'ListStreams'],
  ['GET', STREAM, 'DescribeStream'],
  ['PUT', STREAM, 'UpdatePartitionCount'],
  ['DELETE', STREAM, 'DeleteStream'],
  ['PUT', `${STREAM}/update`, 'UpdateStream'],
  ['PUT', '/v3/{project_id}/streams/{stream_name}', 'UpdateStream'],

  ['POST', '/v2/{project_id}/apps', 'CreateApp'],
  ['GET', '/v2/{project_id}/apps', 'ListApps'],
  ['GET', APP, 'DescribeApp'],
  ['DELETE', APP, 'DeleteApp'],
  ['GET', `${APP}/streams/{stream_name}`, 'DescribeConsumerState'],
  ['POST', '/v2/{project_id}/checkpoints', 'CommitCheckpoint'],
  ['GET', '/v2/{project_id}/checkpoints', 'GetCheckpoint'],
  ['DELETE', '/v2/{project_id}/checkpoints', 'DeleteCheckpoint'],
  ['POST', `${APP}/consumers`, 'JoinGroup'],
  ['POST', `${CONSUMER}/partitions`, 'SyncGroup'],
  ['POST', `${CONSUMER}/heartbeats`, 'Heartbeat'],
  ['DELETE', CONSUMER, 'LeaveGroup'],

  ['GET', `${STREAM}/metrics`, 'GetStreamMetrics'],
  ['GET', `${STREAM}/partitions/{partition_id}/metrics`, 'GetPartitionMetrics'],

  [ANY, `${STREAM}/transfer-tasks/*`, 'TransferTasks'],
  [ANY, '/v2/{project_id}/stream/{stream_name}/transfer-tasks/*', 'TransferTasks'],
  [ANY, `${STREAM}/policies/*`, 'StreamPolicies'],

  ['POST', TAGS, 'CreateTag'],
  ['GET', TAGS, 'ListStreamTags'],
  ['POST', `${TAGS}/action`, 'BatchTags'],
  ['DELETE', `${TAGS}/{key}`, 'DeleteTag'],
  ['GET', '/v2/{project_id}/stream/tags', 'ListTags'],
  ['POST', '/v2/{project_id}/stream/resource_instances/action', 'FilterStreams'],
]

interface Route {
  readonly method: string
  readonly segments: readonly string[]
  readonly open: boolean
  readonly operation: OperationName
}

const TABLE: readonly Route[] = ROUTES.map(([method, path, operation]) => {
  const segments = segmentsOf(path)
  const open = segments.at(-1) === '*'
  return { method, segments: open ? segments.slice(0, -1) : segments, open, operation }
})

const CLAIMED = /^\/+v[23]\/+[^/]+\/+(?:records|streams|stream|cursors|checkpoints|apps)(?:\/|$)/

/** Whether a path is one of the vendor's. */
export function isOurs(path: string): boolean {
  return CLAIMED.test(path)
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '')
}

/** Percent-decodes; what cannot be decoded stays as it was sent. */
export function decodePercent(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

export interface Found {
  readonly operation: string
  readonly parameters: Readonly<Record<string, string>>
}

/** Throws BridgeError `unknown-operation` or, for another method, `method-not-allowed`. */
export function findRoute({ method, path }: Pick<Head, 'method' | 'path'>): Found {
  const segments = segmentsOf(path)
  const rows = TABLE.filter((row) => fits(row, segments))
  const row = rows.find((each) => each.method === method || each.method === ANY)
  if (row) return { operation: row.operation, parameters: parametersOf(row, segments) }
  if (rows.length === 0) throw new BridgeError('unknown-operation', 'There is no such path.')
  const methods = rows.map((each) => each.method).join(', ')
  throw new BridgeError('method-not-allowed', `This path takes ${methods}.`)
}

function fits(row: Route, segments: readonly string[]): boolean {
  if (row.open ? segments.length < row.segments.length : segments.length !== row.segments.length) {
    return false
  }
  return row.segments.every((part, i) => part.startsWith('{') || part === segments[i])
}

function parametersOf(row: Route, segments: readonly string[]): Record<string, string> {
  const parameters: Record<string, string> = {}
  for (const [i, part] of row.segments.entries()) {
    if (part.startsWith('{')) parameters[part.slice(1, -1)] = decodePercent(segments[i] ?? '')
  }
  return parameters
}

/** The project of a path, for texts that name it. */
export function projectOf(path: string): string {
  return decodePercent(segmentsOf(path)[1] ?? '')
}

/** Whether a request uploads records: its clients take some statuses for more than others do. */
export function isPut({ method, path }: Pick<Head, 'method' | 'path'>): boolean {
  return method === 'POST' && segmentsOf(path)[2] === 'records'
}
