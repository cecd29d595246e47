// npm run bench:forms: what each form of workload B costs in one process, without HTTP and Kafka.
//
//   npm run bench:forms                      all forms, about a minute
//   npm run bench:forms -- --only B,B-cbor   some of them
//   npm run bench:forms -- --rounds N        N rounds after those that warm up (9)
//
// * From the bytes of a body to those of its reply: opened, checked, made messages, and answered as if
//   Kafka had written them. The batches that the engine would make of them are not made.
// * Rounds are interleaved; the middle of the rounds, the least and the most are printed.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { loadConfig } from '../../src/config/load.ts'
import type { Call, Head } from '../../src/core/dialect.ts'
import type { Message } from '../../src/core/log.ts'
import { createDialects } from '../../src/dialects/index.ts'
import { openInside } from '../../test/support/inside.ts'
import { createMemoryLog } from '../../test/support/memory-log.ts'
import { prepareRequests } from '../service/requests.ts'
import { named, type Workload } from '../service/workloads.ts'
import { interleave } from '../shared/rounds.ts'
import { median, spread, table } from '../shared/tables.ts'

const FOLDER = join(process.cwd(), '.cache', 'bench', 'forms')
const FORMS = 'B,B-cbor,B-dis,B-protobuf,B-v3io,B-kpl'
const REFERENCE = 'B'
const WARM_UPS = 4
const ROUND_MS = 400

interface Form {
  readonly workload: Workload
  readonly failure: string
  readonly answer: ReturnType<typeof openInside>['answer']
  readonly requests: readonly Call[]
  /** CPU per record in microseconds, of each round. */
  readonly costs: number[]
}

/** The requests of a file, each with its length before it. */
function readRequests(file: string): Form['requests'] {
  const bytes = readFileSync(file)
  const requests: Call[] = []
  for (let at = 0; at < bytes.length;) {
    const end = at + 4 + bytes.readUInt32LE(at)
    const bodyAt = bytes.indexOf('\r\n\r\n', at) + 4
    const head = headOf(bytes.toString('latin1', at + 4, bodyAt - 4))
    requests.push({ ...FOREVER, head, body: Buffer.from(bytes.subarray(bodyAt, end)) })
    at = end
  }
  return requests
}

function headOf(text: string): Head {
  const [start = '', ...lines] = text.split('\r\n')
  const [method = '', target = ''] = start.split(' ')
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
  })
  return { method, target, path: target, query: '', headers: Object.fromEntries(headers) }
}

/** Kafka has written everything, each message after those before it. */
function createAppend() {
  const ends: number[] = []
  return (_topic: string, messages: readonly Message[]) => {
    const timestampMs = Date.now()
    const written = messages.map(({ partition }) => {
      const offset = ends[partition] ?? 1e6
      ends[partition] = offset + 1
      return { state: 'written' as const, offset, timestampMs }
    })
    return Promise.resolve(written)
  }
}

function prepare(workload: Workload): Form {
  const { dialects } = loadConfig({ environment: {} })
  const { file, failure, topics } = prepareRequests(FOLDER, workload, workload.kind)
  const shapes = Object.fromEntries(topics.map((topic) => [topic, workload.partitions]))
  const inside = openInside({
    dialects: createDialects(dialects),
    templates: Object.fromEntries(
      Object.entries(dialects).map(([name, { topic }]) => [name, topic.template]),
    ),
    log: { ...createMemoryLog({ topics: shapes }), append: createAppend() },
  })
  return { workload, failure, answer: inside.answer, requests: readRequests(file), costs: [] }
}

async function run(form: Form, round: number): Promise<void> {
  const { workload, failure, answer, requests, costs } = form
  const before = process.cpuUsage()
  const endMs = performance.now() + ROUND_MS
  let records = 0
  for (let i = 0; performance.now() < endMs; i++) {
    const request = requests[i % requests.length]
    if (!request) throw new Error(`${workload.id} has no requests`)
    const reply = await answer(request)
    if (reply.status !== 200 || reply.body.includes(failure)) {
      throw new Error(`${workload.id}: ${reply.body.toString().slice(0, 500)}`)
    }
    records += workload.records
  }
  const { user, system } = process.cpuUsage(before)
  if (round > WARM_UPS) costs.push((user + system) / records)
}

const NOTHING = (): void => undefined
const FOREVER = {
  ...{ id: 'bench', receivedAtMs: Date.now(), deadlineMs: Date.now() + 3_600_000 },
  ...{ charge: NOTHING, release: NOTHING },
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, rounds: { type: 'string' } },
  })
  const forms = (values.only ?? FORMS).split(',').flatMap(named).map(prepare)
  const rounds = WARM_UPS + Number(values.rounds ?? 9)
  await interleave(rounds, ['all'], forms, (round, _, form) => run(form, round))
  const reference = forms.find(({ workload }) => workload.id === REFERENCE)
  const rows = forms.map(({ workload, costs }) => {
    const ratio = reference ? median(costs.map((cost, i) => cost / (reference.costs[i] ?? 0))) : 0
    return [workload.name, spread(costs, 2), reference ? ratio.toFixed(2) : '–']
  })
  process.stdout.write(table(['form', 'CPU, µs per record', 'to JSON'], rows))
}

await main()
