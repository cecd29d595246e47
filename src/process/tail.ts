// tributary tail STREAM: the records of a topic as they lie in Kafka, for people.

import type { Config } from '../config/schema.ts'
import { readTail, type TailRecord } from '../kafka/tail.ts'
import { brokersOf, connectionOf } from './connection.ts'
import { Refusal } from './refusal.ts'

/** How many of the records already there are shown, per partition. */
const SHOWN_PER_PARTITION = 10

/** Prints until the process is told to stop. Rejects with Refusal when there is no such topic. */
export async function tail(stream: string, config: Config, process: NodeJS.Process): Promise<void> {
  const topic = topicOf(stream)
  const brokers = await brokersOf(config)
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  process.stderr.write(`The last records of ${topic}, then new ones; Ctrl-C ends.\n`)
  const reading = await readTail(
    { ...connectionOf(config), brokers },
    { topic, back: SHOWN_PER_PARTITION, show: (record) => process.stdout.write(line(record)) },
  )
  if (!reading) throw new Refusal(`There is no topic ${topic} in Kafka at ${brokers.join(', ')}.`)
  await stopped
  await reading.close()
}

/** v3io's and Yandex' users write paths. */
function topicOf(stream: string): string {
  if (/^\/[^/]+\/[^/]+\/[^/]+\/[^/]+$/.test(stream)) return stream.split('/').at(-1) ?? stream
  return stream
    .split('/')
    .filter((element) => element !== '')
    .join('.')
}

function line({ partition, offset, timestampMs, key, value, headers }: TailRecord): string {
  const shown = Object.entries(headers).map(([name, bytes]) => `${name}=${show(bytes)}`)
  const fields = [
    `partition ${partition}`,
    `offset ${offset}`,
    new Date(timestampMs).toISOString(),
    `key ${key === null ? '-' : show(key)}`,
    `value ${value === null ? '-' : show(value)}`,
    ...(shown.length > 0 ? [`headers ${shown.join(' ')}`] : []),
  ]
  return `${fields.join('  ')}\n`
}

/** Text as quoted text, anything else as base64. */
function show(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  return Buffer.from(text, 'utf8').equals(bytes)
    ? JSON.stringify(text)
    : `base64:${bytes.toString('base64')}`
}
