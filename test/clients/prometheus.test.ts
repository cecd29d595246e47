// A real Prometheus scrapes a real run, with the token of the admin port, and the page is as its own
// linter wants it.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from '../../src/embedded/ports.ts'
import { notRun } from '../support/not-run.ts'
import { startProgram } from '../support/program.ts'
import { startService, type Service } from '../support/service.ts'
import { sharedBrokers } from '../support/shared-kafka.ts'
import { createTopics } from '../support/topics.ts'
import { uniqueName } from '../support/unique.ts'
import { until } from '../support/until.ts'

const TOKEN = 'scrape-me'
const isThere = (tool: string) => spawnSync(tool, ['--version']).status === 0

function suite(): void {
  const topic = uniqueName('scraped')
  let service: Service
  beforeAll(async () => {
    await createTopics(sharedBrokers(), { topics: [topic], partitions: 1 })
    service = await startService({
      environment: { KAFKA_BROKERS: sharedBrokers().join(), TRIBUTARY_ADMIN_TOKEN: TOKEN },
    })
    for (const stream of [topic, topic, 'nobodys']) await put(stream)
  }, 60_000)
  afterAll(() => service[Symbol.asyncDispose]())

  async function put(stream: string): Promise<void> {
    const response = await fetch(service.url, {
      method: 'POST',
      headers: {
        'X-Amz-Target': 'Kinesis_20131202.PutRecord',
        'Content-Type': 'application/x-amz-json-1.1',
        'User-Agent': 'Boto3/1.40.1',
      },
      body: JSON.stringify({ StreamName: stream, PartitionKey: 'k', Data: 'aGVsbG8=' }),
    })
    await response.text()
  }

  test('promtool finds nothing wrong with the page', async () => {
    const response = await fetch(`http://127.0.0.1:${service.adminPort}/metrics`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    })
    const page = await response.text()
    const ours = page
      .split('\n')
      .filter((line) => /^(# (HELP|TYPE) )?tributary_/.test(line))
      .join('\n')
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input: `${ours}\n`,
      encoding: 'utf8',
    })
    expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: '' })
  })

  test('Prometheus scrapes it, and answers what was put', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tributary-prometheus-'))
    const [port = 0] = await freePorts(1)
    const config = {
      global: { scrape_interval: '1s' },
      scrape_configs: [
        {
          job_name: 'tributary',
          authorization: { credentials: TOKEN },
          static_configs: [{ targets: [`127.0.0.1:${service.adminPort}`] }],
        },
      ],
    }
    writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config))
    await using prometheus = startProgram([
      'prometheus',
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ])

    async function ask(query: string): Promise<unknown[]> {
      const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`
      const response = await fetch(url).catch(() => undefined)
      if (!response?.ok) return []
      const { data } = (await response.json()) as {
        data: { result: { value: [number, string] }[] }
      }
      return data.result.map(({ value }) => value[1])
    }

    await until(async () => (await ask('tributary_kafka_connected')).length > 0, 30_000)
    expect(await ask('up{job="tributary"}')).toEqual(['1'])
    expect(await ask(`tributary_stream_records_total{stream="${topic}"}`)).toEqual(['2'])
    expect(await ask('tributary_client_requests_total{client="boto3"}')).toEqual(['3'])
    expect(await ask('tributary_failures_total{code="stream-not-found"}')).toEqual(['1'])
    expect(prometheus.status()).toBeUndefined()
    rmSync(folder, { recursive: true, force: true })
  }, 60_000)
}

const absent = ['prometheus', 'promtool'].find((tool) => !isThere(tool))
if (absent === undefined) suite()
else notRun('Prometheus', `there is no ${absent} on PATH`)
