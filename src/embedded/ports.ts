// Free ports on the loopback address, kept in a file beside the data so that a restart uses the
// same ones. Between choosing and Kafka's own bind another process can take one: whoever starts
// Kafka chooses again then.
import { readFile, rename, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'

const HOST = '127.0.0.1'

/** `count` different ports that were free a moment ago: all are held at once, then let go. */
export async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = []
  try {
    for (let i = 0; i < count; i++) servers.push(await listen(0))
    return servers.map(portOf)
  } finally {
    await Promise.all(servers.map(close))
  }
}

/** The ports in the file, if it holds exactly `count` and all of them are free; else new ones. */
export async function chosenPorts(file: string, count: number): Promise<number[]> {
  const kept = await readPorts(file)
  return kept.length === count && (await areFree(kept)) ? kept : freePorts(count)
}

/** Keeps the ports for the next start. */
export async function keepPorts(file: string, ports: readonly number[]): Promise<void> {
  await writeFile(`${file}.new`, `${JSON.stringify(ports)}\n`)
  await rename(`${file}.new`, file)
}

/** A missing or damaged file is no ports: they are only a convenience. */
async function readPorts(file: string): Promise<number[]> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'))
    return Array.isArray(value) && value.every(isPort) ? value : []
  } catch {
    return []
  }
}

function isPort(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) > 0 && Number(value) < 65_536
}

async function areFree(ports: readonly number[]): Promise<boolean> {
  const servers: Server[] = []
  try {
    for (const port of ports) servers.push(await listen(port))
    return true
  } catch {
    return false
  } finally {
    await Promise.all(servers.map(close))
  }
}

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen({ host: HOST, port, exclusive: true }, () => resolve(server))
  })
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP address')
  return address.port
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}
