// The image as it is built, and run as the chart runs it: with nothing to write to, no capabilities, a
// quarter of a gigabyte, and told to stop under load.
//
// Takes three minutes where the base image is there, most of them for the packages of the build.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { notRun } from '../support/not-run.ts'
import type { Program } from '../support/program.ts'
import { readTopic } from '../support/reader.ts'
import { sharedBrokers } from '../support/shared-kafka.ts'
import { ROOT } from '../support/source-files.ts'
import { createTopics } from '../support/topics.ts'
import { uniqueName } from '../support/unique.ts'
import { until } from '../support/until.ts'
import {
  BASE,
  buildImage,
  engineAbsence,
  IMAGE,
  must,
  podman,
  removeContainer,
  runIn,
  startContainer,
} from './engine.ts'
import { provideHadolint } from './hadolint.ts'

const BUILD_WITHIN_MS = 600_000
const MIB = 2 ** 20
const absence = engineAbsence()

interface Inspected {
  readonly Size: number
  readonly Config: {
    readonly User: string
    readonly Labels: Readonly<Record<string, string>>
    readonly ExposedPorts: Readonly<Record<string, unknown>>
  }
  readonly Healthcheck: { readonly Test: readonly string[] }
}

/** What chart and container agree on for 256 MiB. */
const ENVIRONMENT = {
  TRIBUTARY_PORT: '0',
  TRIBUTARY_ADMIN_PORT: '0',
  TRIBUTARY_LOG_REQUESTS: 'off',
  TRIBUTARY_MEMORY_BYTES_MAX: String(16 * MIB),
  NODE_OPTIONS: '--max-old-space-size=128',
}

interface Ready {
  readonly port: number
  readonly adminPort: number
}

async function readyOf(program: Program): Promise<Ready> {
  const line = await program.until(
    () =>
      program
        .stdout()
        .split('\n')
        .find((each) => each.includes('"msg":"ready"')),
    60_000,
  )
  return JSON.parse(line) as Ready
}

/** Packages of the lock file that production needs, wherever they run. */
function productionPackages(): Set<string> {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, { dev?: boolean; devOptional?: boolean }>>
  }
  return new Set(
    Object.entries(packages).flatMap(([path, { dev, devOptional }]) =>
      path !== '' && !dev && !devOptional ? [path] : [],
    ),
  )
}

const LIST_PACKAGES = `
  const { readdirSync, existsSync } = require('node:fs')
  const found = []
  const look = (folder) => {
    if (!existsSync(folder)) return
    for (const name of readdirSync(folder)) {
      if (name.startsWith('.')) continue
      const path = folder + '/' + name
      if (name.startsWith('@')) {
        look(path)
        continue
      }
      found.push(path)
      look(path + '/node_modules')
    }
  }
  look('node_modules')
  console.log(JSON.stringify(found))`

const LOOK_AROUND = `
  const { readFileSync, writeFileSync } = require('node:fs')
  const status = readFileSync('/proc/self/status', 'utf8')
  const written = ['/app/x', '/tmp/x', '/x'].filter((path) => {
    try {
      writeFileSync(path, '')
      return true
    } catch {
      return false
    }
  })
  console.log(JSON.stringify({
    user: process.getuid(),
    group: process.getgid(),
    capabilities: /^CapEff:\\s*(\\w+)/m.exec(status)[1],
    privileges: /^NoNewPrivs:\\s*(\\w+)/m.exec(status)[1],
    written,
  }))`

if (absence) notRun('a container engine', absence)
else {
  test('the Dockerfile has nothing that its linter minds', () => {
    expect(must(provideHadolint(), ['Dockerfile'])).toBe('')
  }, 120_000)

  describe('the image', () => {
    beforeAll(buildImage, BUILD_WITHIN_MS)

    test('says what it is, who runs it, and how to see that it is well', () => {
      const [image] = JSON.parse(podman('image', 'inspect', IMAGE)) as Inspected[]
      const { Size, Config, Healthcheck } = image!
      const [base] = JSON.parse(podman('image', 'inspect', BASE)) as Inspected[]
      const own = Size - base!.Size
      process.stderr.write(
        `image: ${Math.round(Size / MIB)} MiB, ${Math.round(own / MIB)} MiB of them on top of Node\n`,
      )

      expect(own).toBeLessThan(80 * MIB)
      expect(Config.User).toBe('65532:65532')
      expect(Object.keys(Config.ExposedPorts)).toEqual(['8080/tcp', '8081/tcp'])
      expect(Healthcheck.Test.join(' ')).toContain('/readyz')
      expect(Config.Labels).toMatchObject({
        'org.opencontainers.image.title': 'Tributary',
        'org.opencontainers.image.licenses': 'Apache-2.0',
        'org.opencontainers.image.revision': 'test',
      })
    })

    test('holds what production needs, and nothing of development', () => {
      const found = JSON.parse(runIn('node', '-e', LIST_PACKAGES)) as string[]
      const wanted = productionPackages()

      expect(found.filter((path) => !wanted.has(path))).toEqual([])
      expect(found).toContain('node_modules/kafkajs')
      expect(runIn('ls').trim().split('\n')).toEqual([
        ...['LICENSE', 'config', 'dist', 'node_modules', 'package.json'],
      ])
    })

    test('is not root, can do nothing special and writes nowhere', () => {
      expect(JSON.parse(runIn('node', '-e', LOOK_AROUND))).toMatchObject({
        user: 65532,
        group: 65532,
        capabilities: '0000000000000000',
        privileges: '1',
      })
    })

    test('needs no network to know itself and its configuration', () => {
      expect(runIn('node', 'dist/cli.js', '--version')).toMatch(/^\d+\.\d+\.\d+\n$/)
      expect(runIn('node', 'dist/cli.js', '--check-config')).toBe('The configuration is right.\n')
    })

    test('has a bill of materials', () => {
      const { components } = JSON.parse(
        must('npm', ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx', '--omit', 'dev']),
      ) as { components: readonly { name: string; licenses?: unknown[] }[] }

      expect(components.map(({ name }) => name)).toEqual(expect.arrayContaining(['kafkajs']))
      expect(components.map(({ name }) => name)).not.toContain('jest')
    })

    test('serves, and told to stop under load fails and loses nothing', async () => {
      const topic = uniqueName('image')
      const name = uniqueName('tributary-test')
      await createTopics(sharedBrokers(), { topics: [topic], partitions: 4 })
      try {
        await using program = startContainer(name, {
          ...ENVIRONMENT,
          KAFKA_BROKERS: sharedBrokers().join(),
          TRIBUTARY_SHUTDOWN_GRACE_MS: '3000',
        })
        const { port, adminPort } = await readyOf(program)
        const { answers, failures, finish } = load(`http://127.0.0.1:${port}/`, topic)
        await until(() => answers() > 500, 30_000)
        expect((await fetch(`http://127.0.0.1:${adminPort}/readyz`)).status).toBe(200)

        podman('kill', '--signal', 'TERM', name)
        await until(
          async () => (await fetch(`http://127.0.0.1:${adminPort}/readyz`)).status === 503,
          2000,
        )
        const before = answers()
        await until(() => answers() > before + 100, 2000)
        // As when endpoints are gone: within the grace.
        await finish()

        expect(await program.until(program.status, 30_000)).toBe(0)
        expect(failures()).toEqual([])
        const stored = (await readTopic(sharedBrokers(), topic)).map(({ value }) => String(value))
        expect(new Set(stored).size).toBe(stored.length)
        expect(stored).toHaveLength(answers() * RECORDS)
      } finally {
        removeContainer(name)
      }
    }, 180_000)

    test('told to stop before Kafka has answered, it does', async () => {
      const name = uniqueName('tributary-test')
      try {
        await using program = startContainer(name, { ...ENVIRONMENT, KAFKA_BROKERS: '127.0.0.1:1' })
        await program.until(
          () => (program.stdout().includes('does not answer yet') ? true : undefined),
          60_000,
        )
        podman('kill', '--signal', 'TERM', name)
        expect(await program.until(program.status, 10_000)).toBe(1)
      } finally {
        removeContainer(name)
      }
    }, 120_000)
  })
}

const LANES = 16
/** In each call. */
const RECORDS = 10

/** Calls of PutRecords in parallel until told to finish; each must succeed. */
function load(url: string, stream: string) {
  let answered = 0
  let going = true
  const failed: string[] = []

  async function call(lane: number, count: number): Promise<void> {
    const records = Array.from({ length: RECORDS }, (_, i) => `${lane}.${count}.${i}`)
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/x-amz-json-1.1',
        'X-Amz-Target': 'Kinesis_20131202.PutRecords',
      },
      body: JSON.stringify({
        StreamName: stream,
        Records: records.map((text) => ({
          Data: Buffer.from(text).toString('base64'),
          PartitionKey: text,
        })),
      }),
    })
    const text = await response.text()
    const ok = response.status === 200 && text.includes('"FailedRecordCount":0')
    if (ok) answered++
    else failed.push(`${response.status} ${text}`)
  }

  const lanes = Array.from({ length: LANES }, async (_, lane) => {
    for (let count = 0; going; count++) {
      await call(lane, count).catch((error: unknown) => failed.push(String(error)))
    }
  })
  return {
    answers: () => answered,
    failures: () => failed,
    async finish() {
      going = false
      await Promise.all(lanes)
    },
  }
}
