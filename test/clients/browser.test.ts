// Amazon's SDK for JavaScript in a page of Chromium, which asks before it calls another origin.

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { build } from 'esbuild'
import { chromium, type Browser } from 'playwright-core'
import { notRun } from '../support/not-run.ts'
import { readTopic } from '../support/reader.ts'
import { startSecureService, type SecureService } from '../support/secure-service.ts'
import { uniqueName } from '../support/unique.ts'

const BUNDLE_WITHIN_MS = 60_000

interface Outcome {
  readonly sequenceNumber: string
  readonly failed: number
  readonly requestId: string
  readonly error: { readonly name: string; readonly requestId: string }
}

/** Debian's. Playwright's own would be another download. */
function findChromium(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return folders
    .map((folder) => join(folder, 'chromium'))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

function suite(executablePath: string): void {
  let service: SecureService
  let site: Server
  let browser: Browser

  beforeAll(async () => {
    service = await startSecureService()
    const { outputFiles } = await build({
      entryPoints: [join(import.meta.dirname, 'browser/page.js')],
      ...{ bundle: true, write: false, platform: 'browser', format: 'iife' },
    })
    const script = outputFiles[0]!.text
    site = createServer((request, response) => {
      const isScript = request.url === '/page.js'
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
      response.end(isScript ? script : '<!doctype html><script src="/page.js"></script>')
    })
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
    // Debian's package has no sandbox for root, which tests in containers are.
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  }, BUNDLE_WITHIN_MS)
  afterAll(async () => {
    await browser.close()
    site.closeAllConnections()
    await new Promise((resolve) => site.close(resolve))
    await service[Symbol.asyncDispose]()
  })

  test.each([
    ['plain text', () => service.url],
    ['TLS, and so HTTP/2', () => `https://localhost:${service.tlsPort}`],
  ])(
    'a page of another origin puts records: %s',
    async (_, endpoint) => {
      const context = await browser.newContext({ ignoreHTTPSErrors: true })
      const page = await context.newPage()
      await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`)
      const StreamName = uniqueName('page')

      const outcome = await page.evaluate<Outcome>(
        `putFromPage(${JSON.stringify({ endpoint: endpoint(), StreamName })})`,
      )
      await context.close()

      expect(outcome).toMatchObject({ failed: 0, error: { name: 'ResourceNotFoundException' } })
      expect(outcome.sequenceNumber).toMatch(/^\d{56}$/)
      for (const id of [outcome.requestId, outcome.error.requestId]) {
        expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
      }
      const stored = await readTopic(service.brokers, StreamName)
      expect(stored.map(({ value }) => String(value))).toEqual(Array(3).fill('from a page'))
      expect(service.stdout()).toContain('OPTIONS')
    },
    60_000,
  )
}

const executablePath = findChromium()
if (executablePath === undefined) notRun('a browser', 'there is no chromium on PATH')
else suite(executablePath)
