// The programs under examples/, as a reader runs them.

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { notRun } from '../support/not-run.ts'
import { runProgram } from '../support/program.ts'
import { providePython, PYTHON_WITHIN_MS, pythonAbsence } from '../support/python.ts'
import { expectStored, readTopic, type Acknowledged } from '../support/reader.ts'
import { serviceOfFile } from '../support/service.ts'
import { createTopics } from '../support/topics.ts'
import { uniqueName } from '../support/unique.ts'
import { placeInDis, placeInKinesis, placeInV3io, placeInYandex, type Place } from './places.ts'

const same = (stream: string): string => stream

type Sent = Pick<Acknowledged, 'key' | 'headers'> & { readonly celsius: number }

interface Example {
  /** The stream as its argument, and as its topic. */
  readonly nameOf: (stream: string) => string
  readonly topicOf?: (stream: string) => string
  /** Reads what it prints for a record. */
  readonly placeOf: (shard: string, sequence: string) => Place
  readonly sent: readonly Sent[]
}

const FOUR: readonly Sent[] = [
  { key: 'sensor-1', celsius: 21.5 },
  { key: 'sensor-2', celsius: 22 },
  { key: 'sensor-2', celsius: 22.5 },
  { key: 'sensor-2', celsius: 23 },
]

const EXAMPLES: Readonly<Record<string, Example>> = {
  'kinesis.mjs': {
    nameOf: same,
    placeOf: (ShardId, SequenceNumber) => placeInKinesis({ ShardId, SequenceNumber }),
    sent: FOUR,
  },
  'yandex.py': {
    nameOf: (stream) => `/ru-central1/folder/database/${stream}`,
    placeOf: (ShardId, SequenceNumber) => placeInYandex({ ShardId, SequenceNumber }),
    sent: FOUR,
  },
  'huawei-dis.py': {
    nameOf: same,
    placeOf: (shard, sequence) => placeInDis({ partition_id: shard, sequence_number: sequence }),
    sent: [
      { key: 'sensor-1', celsius: 21.5 },
      { key: 'sensor-2', celsius: 22 },
      { key: null, celsius: 22.5 },
    ],
  },
  'iguazio-v3io.py': {
    nameOf: (stream) => `container/${stream}`,
    topicOf: (stream) => `container.${stream}`,
    placeOf: (shard, sequence) =>
      placeInV3io({ shard_id: Number(shard), sequence_number: Number(sequence) }),
    sent: [
      { key: 'sensor-1', celsius: 21.5 },
      { key: null, celsius: 22, headers: { 'tributary-client-info': 'json' } },
      { key: null, celsius: 22.5 },
    ],
  },
}

const service = serviceOfFile()

async function expectExample(name: string, program: string): Promise<void> {
  const { nameOf, topicOf = same, placeOf, sent } = EXAMPLES[name]!
  const stream = uniqueName('example')
  const topic = topicOf(stream)
  await createTopics(service().brokers, { topics: [topic], partitions: 3 })

  const { status, stdout, stderr } = await runProgram([
    ...[program, join('examples', name), service().url, nameOf(stream)],
  ])

  expect({ status, stderr }).toMatchObject({ status: 0 })
  const lines = stdout.trim().split('\n')
  expect(lines).toHaveLength(sent.length)
  const answers = sent.map(({ celsius, ...record }, i) => {
    const [shard = '', sequence = ''] = lines[i]!.split(' ')
    const { partition, offset } = placeOf(shard, sequence)
    return { ...record, partition, offset, value: Buffer.from(JSON.stringify({ celsius })) }
  })
  expectStored(answers, await readTopic(service().brokers, topic))
}

test('every example is run here', async () => {
  expect(new Set(await readdir('examples'))).toEqual(new Set(Object.keys(EXAMPLES)))
})

test('kinesis.mjs', () => expectExample('kinesis.mjs', process.execPath))

const absence = pythonAbsence()
if (absence === undefined) {
  beforeAll(providePython, PYTHON_WITHIN_MS)
  const programs = Object.keys(EXAMPLES).filter((name) => name.endsWith('.py'))
  test.each(programs)('%s', async (name) => {
    await expectExample(name, join(await providePython(), 'python'))
  })
} else notRun('the examples in Python', absence)
