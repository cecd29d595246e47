// The commands that the service prints at its start, run by bash as they are printed, against what was
// just started: a Kafka of its own, or one that is there.

import { spawnSync } from 'node:child_process'
import { rm, symlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { freshFolder, kafkaJars } from '../support/kafka-jars.ts'
import { notRun } from '../support/not-run.ts'
import { runProgram, startProgram } from '../support/program.ts'
import { providePython, PYTHON_WITHIN_MS, pythonAbsence } from '../support/python.ts'
import { readTopic } from '../support/reader.ts'
import { startService, type Service } from '../support/service.ts'
import { sharedBrokers } from '../support/shared-kafka.ts'

type Environment = Readonly<Record<string, string>>

/** Where the printed commands put: the stream of three dialects, and v3io's. */
const TOPICS = ['demo', 'demo.v3io']

const START_WITHIN_MS = 120_000
/** Ten programs are started, one after the other, on what may be a busy machine. */
const ALL_WITHIN_MS = 300_000

/** A terminal in which vendors' clients are installed. */
let terminal: Environment = {}

/** Commands stand between blank lines; the last one shows the tail. */
async function printedBy({ stderr, until }: Service): Promise<string[]> {
  await until(() => stderr().includes('tail demo\n') || undefined, 10_000)
  return stderr()
    .split(/\n\s*\n/)
    .filter((block) => /^ *(curl|echo|python3|npm|KAFKA_BROKERS=)/.test(block))
}

function run(command: string, environment: Environment): ReturnType<typeof runProgram> {
  return runProgram(['bash', '-c', command], { environment: { ...terminal, ...environment } })
}

async function readAll({ brokers }: Service): Promise<string[]> {
  const topics = await Promise.all(TOPICS.map((topic) => readTopic(brokers, topic)))
  return topics.flat().map(({ key, value }) => `${key} ${String(value).trim()}`)
}

/** Runs all that put a record; each must add one, which says hello. */
async function expectPuts(service: Service, environment: Environment): Promise<void> {
  const puts = (await printedBy(service)).filter((each) => /hello|aGVsbG8=/.test(each))
  const programs = puts.map((each) => /curl|python3|aws/.exec(each)?.[0])
  expect([programs.length, new Set(programs)]).toEqual([10, new Set(['curl', 'python3', 'aws'])])
  let before = await readAll(service)
  for (const command of puts) {
    const { status, stdout, stderr } = await run(command, environment)
    const after = await readAll(service)
    const added = after.length - before.length
    expect({ command, stdout, stderr, status, added }).toMatchObject({ status: 0, added: 1 })
    before = after
  }
  expect(new Set(before)).toEqual(new Set(['k1 hello']))
}

/** The tail shows what is there, then what comes. */
async function expectTail(service: Service, environment: Environment): Promise<void> {
  const commands = await printedBy(service)
  const tail = commands.find((each) => each.includes('tail demo')) ?? ''
  const put = commands.find((each) => /curl.*aGVsbG8=/.test(each)) ?? ''
  await using shown = startProgram(['bash', '-c', tail], {
    environment: { ...terminal, ...environment },
  })
  const lines = () => shown.stdout().match(/^partition .* key "k1" .*$/gm) ?? []
  const countFrom = (count: number) => () => (lines().length >= count ? lines() : undefined)

  const [first] = await shown.until(countFrom(1), 30_000)
  expect(first).toMatch(/^partition \d {2}offset \d+ {2}\S+Z {2}key "k1" {2}value "hello/)
  const there = lines().length
  await run(put, environment)
  await shown.until(countFrom(there + 1), 10_000)
}

/** A name by which the setup of the shared Kafka clears up after a run that was killed. */
function embeddedFolder(): AsyncDisposable & { readonly path: string } {
  const path = freshFolder('test-kafka-')
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

function suites(): void {
  beforeAll(async () => {
    terminal = { PATH: `${await providePython()}:${process.env['PATH'] ?? ''}` }
  }, PYTHON_WITHIN_MS)

  test(
    'with a Kafka of its own',
    async () => {
      const { jars } = await kafkaJars()
      await using folder = embeddedFolder()
      await symlink(jars, join(folder.path, basename(jars)))
      const environment = { TRIBUTARY_EMBEDDED_DIRECTORY: folder.path }
      await using service = await startService({ environment, withinMs: START_WITHIN_MS })
      await expectPuts(service, environment)
      await expectTail(service, environment)
      expectJsonOnly(service.stdout())
    },
    ALL_WITHIN_MS,
  )

  test(
    'with a Kafka that is there, after the commands that make the streams',
    async () => {
      const environment = { KAFKA_BROKERS: sharedBrokers().join() }
      await using service = await startService({ environment })

      const creations = (await printedBy(service)).filter((each) => each.includes('CreateStream'))
      expect(creations).toHaveLength(2)
      for (const command of creations) expect(await run(command, {})).toMatchObject({ status: 0 })

      await expectPuts(service, {})
      await expectTail(service, {})
      expectJsonOnly(service.stdout())
    },
    ALL_WITHIN_MS,
  )
}

/** Off a terminal, every line of standard output is a JSON object. */
function expectJsonOnly(stdout: string): void {
  const lines = stdout.split('\n').filter((line) => line !== '')
  for (const line of lines) expect(JSON.parse(line)).toHaveProperty('msg')
}

const absence =
  pythonAbsence() ??
  (spawnSync('curl', ['--version']).status === 0 ? undefined : 'there is no curl on PATH')
if (absence === undefined) suites()
else notRun('curl and python3', absence)
