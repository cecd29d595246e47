import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { chosenPorts, freePorts, keepPorts } from '../../src/embedded/ports.ts'
import { freshFolder } from '../support/kafka-jars.ts'

const folder = freshFolder('ports-')
afterAll(() => rmSync(folder, { recursive: true }))

it('gives as many different ports as asked for', async () => {
  const ports = await freePorts(20)
  expect(new Set(ports).size).toBe(20)
  for (const port of ports) expect(port).toBeGreaterThan(1023)
})

it('takes the same ports again', async () => {
  const file = join(folder, 'same.json')
  const ports = await freePorts(2)
  await keepPorts(file, ports)
  expect(await chosenPorts(file, 2)).toEqual(ports)
})

it('chooses others when one is taken, and leaves the file alone', async () => {
  const file = join(folder, 'taken.json')
  const ports = await freePorts(2)
  await keepPorts(file, ports)
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(ports[1], '127.0.0.1', resolve))
  const chosen = await chosenPorts(file, 2)
  server.close()
  expect(chosen).toHaveLength(2)
  expect(chosen).not.toContain(ports[1])
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(ports)
})

it.each(['', '{', '[1]', '[1, 2, 3]', '["a", "b"]', '[0, 70000]'])(
  'chooses when the file says %j',
  async (text) => {
    const file = join(folder, 'damaged.json')
    writeFileSync(file, text)
    expect(await chosenPorts(file, 2)).toHaveLength(2)
  },
)
