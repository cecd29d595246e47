// The console in a real browser, with real traffic: what it shows, by keyboard, in both colour schemes.

import { existsSync } from 'node:fs'
import { chromium, type Browser, type Page } from 'playwright-core'
import { notRun } from '../support/not-run.ts'
import { startService, type Service } from '../support/service.ts'
import { sharedBrokers } from '../support/shared-kafka.ts'
import { createTopics } from '../support/topics.ts'
import { uniqueName } from '../support/unique.ts'

const BINARIES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const binary = BINARIES.find((path) => existsSync(path))

const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
  ...['--disable-component-update', '--disable-sync'],
]
const TOKEN = 'letmein'

function suite(executablePath: string): void {
  let browser: Browser
  let service: Service
  const topic = uniqueName('console')
  beforeAll(async () => {
    await createTopics(sharedBrokers(), { topics: [topic], partitions: 3 })
    service = await startService({
      environment: { KAFKA_BROKERS: sharedBrokers().join(), TRIBUTARY_ADMIN_TOKEN: TOKEN },
    })
    browser = await chromium.launch({ executablePath, args: FLAGS })
  }, 60_000)
  afterAll(async () => {
    await browser.close()
    await service[Symbol.asyncDispose]()
  })

  async function put(stream: string, agent: string): Promise<number> {
    const response = await fetch(service.url, {
      method: 'POST',
      headers: {
        'X-Amz-Target': 'Kinesis_20131202.PutRecord',
        'Content-Type': 'application/x-amz-json-1.1',
        'User-Agent': agent,
      },
      body: JSON.stringify({ StreamName: stream, PartitionKey: 'k', Data: 'aGVsbG8=' }),
    })
    await response.text()
    return response.status
  }

  async function open(
    colorScheme: 'light' | 'dark' = 'light',
    prepare?: (page: Page) => Promise<unknown>,
  ) {
    const context = await browser.newContext({
      colorScheme,
      httpCredentials: { username: 'me', password: TOKEN },
    })
    const page = await context.newPage()
    const troubles: string[] = []
    page.on('pageerror', (error) => troubles.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') troubles.push(message.text())
    })
    page.on('request', (request) => {
      if (!request.url().startsWith(`http://127.0.0.1:${service.adminPort}/`)) {
        if (!request.url().startsWith('data:')) troubles.push(`asked elsewhere: ${request.url()}`)
      }
    })
    await prepare?.(page)
    await page.goto(`http://127.0.0.1:${service.adminPort}/`)
    return { page, troubles, close: () => context.close() }
  }

  const rowOf = (page: Page, table: string, text: string) =>
    page.locator(`#${table} tr`).filter({ hasText: text })

  test('streams, writers, failures and the state of the service, as they change', async () => {
    await put(topic, 'Boto3/1.40.1')
    await put('nothing-like-it', 'aws-cli/2.1')
    const { page, troubles, close } = await open()

    await page.getByText('Kafka answers (1 broker)').waitFor()
    const row = rowOf(page, 'stream-rows', topic)
    await row.waitFor()
    expect(await row.locator('td').nth(4).textContent()).toBe('1')
    expect(await rowOf(page, 'writer-rows', topic).first().textContent()).toContain('boto3')
    expect(await rowOf(page, 'failure-rows', 'stream-not-found').count()).toBe(1)

    await put(topic, 'Boto3/1.40.1')
    await row.locator('td').nth(4).filter({ hasText: /^2$/ }).waitFor()
    expect(troubles).toEqual([])
    await close()
  })

  test('a topic’s partitions open by keyboard, and count every writer', async () => {
    await put(topic, 'curl/8')
    const { page, troubles, close } = await open('dark')
    const button = rowOf(page, 'stream-rows', topic).getByRole('button')
    await button.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: `Topic ${topic}` }).waitFor()
    expect(await page.locator('#topic tbody tr').count()).toBe(3)
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(
      'rgb(13, 17, 23)',
    )
    expect(troubles).toEqual([])
    await close()
  })

  test('commands for each dialect, with the endpoint and the stream that were typed', async () => {
    const { page, close } = await open()
    await page.locator('#commands button').first().waitFor()
    await page.getByLabel('Endpoint').fill('https://ingest.example')
    await page.getByLabel('Stream', { exact: true }).fill('orders')
    const text = (await page.locator('#commands').textContent()) ?? ''
    for (const part of [
      ...['Amazon Kinesis', 'Yandex Data Streams', 'Huawei DIS', 'Iguazio v3io'],
      ...['https://ingest.example/v2/project/records', '"StreamName":"orders"'],
      'https://ingest.example/container/orders/',
    ]) {
      expect(text).toContain(part)
    }
    await close()
  })

  test('what was typed before the commands came is kept, and a failure is asked again', async () => {
    let asked = 0
    const { page, close } = await open('light', (page) =>
      page.route('**/connect.json', async (route) => {
        if (asked++ === 0) return route.abort()
        await page.getByLabel('Endpoint').fill('https://ingest.example')
        return route.continue()
      }),
    )
    await page.locator('#commands').getByText('https://ingest.example/').first().waitFor()
    expect(await page.getByLabel('Endpoint').inputValue()).toBe('https://ingest.example')
    await close()
  })

  test('names that look like HTML stay names', async () => {
    const hostile = '<img src=x onerror=alert(1)>'
    await put(topic, hostile)
    const { page, troubles, close } = await open()
    await rowOf(page, 'writer-rows', 'other').first().waitFor()
    expect(await page.locator('main img').count()).toBe(0)
    expect(troubles).toEqual([])
    await close()
  })

  test('every control and picture has a name, and headings are in order', async () => {
    const { page, close } = await open()
    await page.locator('#commands button').first().waitFor()
    const nameless = await page.evaluate(`
      [...document.querySelectorAll('button, input, svg[role=img], table')].filter((each) => {
        const text = each.getAttribute('aria-label') ?? each.textContent?.trim()
        const labelled = each.getAttribute('aria-labelledby')
        const name = text || (labelled && document.getElementById(labelled)?.textContent) || each.labels?.[0]?.textContent
        return !name
      }).length`)
    expect(nameless).toBe(0)
    const levels = await page.evaluate(`
      [...document.querySelectorAll('h1, h2, h3')].map((each) => Number(each.tagName[1]))`)
    expect((levels as number[])[0]).toBe(1)
    expect((levels as number[]).every((level, i, all) => i === 0 || level - all[i - 1]! <= 1)).toBe(
      true,
    )
    await close()
  })

  test('without the token there is nothing to see', async () => {
    const response = await fetch(`http://127.0.0.1:${service.adminPort}/console/now.json`)
    expect(response.status).toBe(401)
  })
}

if (binary === undefined) notRun('Chromium', 'there is no Chromium on this machine')
else suite(binary)
