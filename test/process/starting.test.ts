// The service while Kafka does not answer: alive, not ready, and told to stop it stops.

import { createServer, type AddressInfo } from 'node:net'
import { startProgram } from '../support/program.ts'

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function ask(port: number, path: string): Promise<{ status: number; body: string }> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`)
  return { status: response.status, body: await response.text() }
}

test('it is alive and not ready, says what it waits for, and ends when told to', async () => {
  const adminPort = await freePort()
  await using program = startProgram([process.execPath, 'dist/cli.js'], {
    environment: {
      KAFKA_BROKERS: '127.0.0.1:1',
      TRIBUTARY_PORT: '0',
      TRIBUTARY_ADMIN_PORT: String(adminPort),
      TRIBUTARY_HOST: '127.0.0.1',
    },
  })
  // Said before the admin port is opened; what is asked for below is asked for until it answers.
  await program.until(
    () => (program.stdout().includes('identity is open') ? true : undefined),
    20_000,
  )
  const line = await program.until(
    () =>
      program
        .stdout()
        .split('\n')
        .find((each) => each.includes('Kafka does not answer yet')),
    20_000,
  )

  expect(JSON.parse(line)).toMatchObject({
    reason: expect.stringContaining('127.0.0.1:1') as string,
  })
  expect(await ask(adminPort, '/livez')).toEqual({ status: 200, body: 'alive\n' })
  const { status, body } = await ask(adminPort, '/readyz?verbose')
  expect([status, JSON.parse(body)]).toEqual([
    503,
    { ready: false, reason: 'starting', kafka: { connected: false } },
  ])
  expect((await ask(adminPort, '/metrics')).status).toBe(503)

  program.signal('SIGTERM')
  expect(await program.until(program.status, 5000)).toBe(1)
  expect(program.stderr()).toContain('told to stop (SIGTERM)')
})
