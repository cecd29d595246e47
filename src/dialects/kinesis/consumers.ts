// Consumers of streams: names that may subscribe to shards. They are kept beside the stream, and go with
// it. Registering is done when it is answered.

import type { Ask, Input } from '../../core/dialect.ts'
import { BridgeError } from '../../core/errors.ts'
import type { StreamRef } from '../../core/model.ts'
import type { Json } from '../../core/state.ts'
import { readConsumerArn } from './arns.ts'
import { OWN_WORDS } from './encode.ts'
import type { Facts } from './facts.ts'

export interface Consumer {
  readonly name: string
  /** Milliseconds since 1970, whole seconds. */
  readonly createdAtMs: number
}

const CONSUMERS_MAX = 20

function partOf({ name }: Facts): string {
  return `${name}/consumers`
}

/** By name; what is kept in another form is nobody. */
function read(kept: Json | undefined): Consumer[] {
  if (typeof kept !== 'object' || kept === null) return []
  return Object.entries(kept)
    .flatMap(([name, createdAtMs]): Consumer[] =>
      typeof createdAtMs === 'number' ? [{ name, createdAtMs }] : [],
    )
    .sort((one, other) => (one.name < other.name ? -1 : 1))
}

function write(consumers: readonly Consumer[]): Json | undefined {
  if (consumers.length === 0) return undefined
  return Object.fromEntries(consumers.map(({ name, createdAtMs }) => [name, createdAtMs]))
}

export async function listConsumers({ streams }: Ask, stream: StreamRef, facts: Facts) {
  return read(await streams.kept(stream, partOf(facts)))
}

/** How many there are; none where that is not known. */
export async function countConsumers(ask: Ask, stream: StreamRef, facts: Facts): Promise<number> {
  try {
    return (await listConsumers(ask, stream, facts)).length
  } catch (error) {
    if (error instanceof BridgeError) return 0
    throw error
  }
}

/** Throws BridgeError `stream-in-use` for a name that is taken, `limit-exceeded` for one too many. */
export async function addConsumer(
  { streams }: Ask,
  stream: StreamRef,
  { consumer, facts }: { readonly consumer: Consumer; readonly facts: Facts },
): Promise<void> {
  const { name } = consumer
  const { accountId } = facts
  await streams.keep(stream, partOf(facts), (kept) => {
    const consumers = read(kept)
    if (consumers.some((each) => each.name === name)) {
      throw new BridgeError(
        'stream-in-use',
        `Consumer ${name} under stream ${stream.name} already exists for account ${accountId}.`,
      )
    }
    if (consumers.length >= CONSUMERS_MAX) {
      throw new BridgeError(
        'limit-exceeded',
        `Stream ${stream.name} under account ${accountId} has ${CONSUMERS_MAX} consumers, and may have no more.`,
      )
    }
    return write([...consumers, consumer])
  })
}

export async function removeConsumer(
  { streams }: Ask,
  stream: StreamRef,
  { consumer, facts }: { readonly consumer: Consumer; readonly facts: Facts },
): Promise<void> {
  await streams.keep(stream, partOf(facts), (kept) => {
    const rest = read(kept).filter(({ name }) => name !== consumer.name)
    return write(rest)
  })
}

export interface Found {
  readonly stream: StreamRef
  readonly consumer: Consumer
}

interface Named {
  readonly stream: string
  readonly name: string
  /** Absent: whichever has the name. */
  readonly createdS?: number
}

/** The consumer that a call names. Rejects with BridgeError in the service's words. */
export async function findConsumer(ask: Ask, facts: Facts): Promise<Found> {
  const { stream: arn, name, createdS } = namedConsumer(ask.input)
  const stream = facts.streamOf({ StreamARN: arn }, ask.call.head)
  const consumers = await listConsumers(ask, stream, facts)
  const consumer = consumers.find(
    (each) => each.name === name && (createdS ?? toSeconds(each)) === toSeconds(each),
  )
  if (consumer) return { stream, consumer }
  throw new BridgeError(
    'stream-not-found',
    `Consumer ${name} under stream ${stream.name} under account ${facts.accountId} not found.`,
    { as: OWN_WORDS },
  )
}

export function toSeconds({ createdAtMs }: Consumer): number {
  return Math.floor(createdAtMs / 1000)
}

function namedConsumer(input: Input): Named {
  const { ConsumerARN: arn, StreamARN: streamArn, ConsumerName: name } = input
  if (typeof arn === 'string') {
    const named = readConsumerArn(arn)
    if (!named) throw invalid(`ConsumerARN ${arn} is not that of a consumer.`)
    const isOther =
      (typeof name === 'string' && name !== named.name) ||
      (typeof streamArn === 'string' && streamArn !== named.stream)
    if (!isOther) return named
    throw invalid('ConsumerARN names another consumer than StreamARN and ConsumerName do.')
  }
  if (typeof streamArn === 'string' && typeof name === 'string') return { stream: streamArn, name }
  throw invalid('Either ConsumerARN, or StreamARN and ConsumerName should be provided.')
}

function invalid(message: string): BridgeError {
  return new BridgeError('invalid-argument', message)
}
