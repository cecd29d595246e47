// RegisterStreamConsumer, DescribeStreamConsumer, ListStreamConsumers, DeregisterStreamConsumer (docs:
// API version 2013-12-02). As the service's, a consumer is shown as being created once, and then as
// active.

import type { Ask, Operation } from '../../../core/dialect.ts'
import type { StreamRef } from '../../../core/model.ts'
import { arnOf, consumerArn } from '../arns.ts'
import {
  addConsumer,
  findConsumer,
  listConsumers,
  removeConsumer,
  toSeconds,
} from '../consumers.ts'
import type { Consumer } from '../consumers.ts'
import { encodeReply } from '../encode.ts'
import type { Facts } from '../facts.ts'
import type { Members } from '../formats.ts'
import { readPageToken, writePageToken } from '../page-token.ts'

type Perform = Operation['perform']

const PAGE_DEFAULT = 100

interface Shown {
  readonly stream: StreamRef
  readonly consumer: Consumer
  readonly status: 'CREATING' | 'ACTIVE'
}

function show({ stream, consumer, status }: Shown, facts: Facts, ask: Ask): Members {
  const createdS = toSeconds(consumer)
  const named = { stream: arnOf(stream, facts, ask.call.head), name: consumer.name, createdS }
  return {
    ConsumerName: consumer.name,
    ConsumerARN: consumerArn(named),
    ConsumerStatus: status,
    ConsumerCreationTimestamp: new Date(consumer.createdAtMs),
  }
}

export function createRegisterStreamConsumer(facts: Facts): Perform {
  return async function registerStreamConsumer(ask) {
    const { input, call } = ask
    const stream = facts.streamOf(input, call.head)
    // The ARN tells the second: so should the time.
    const createdAtMs = Math.floor(call.receivedAtMs / 1000) * 1000
    const consumer = { name: String(input['ConsumerName']), createdAtMs }
    await addConsumer(ask, stream, { consumer, facts })
    return encodeReply(call.head, {
      Consumer: show({ stream, consumer, status: 'CREATING' }, facts, ask),
    })
  }
}

export function createDescribeStreamConsumer(facts: Facts): Perform {
  return async function describeStreamConsumer(ask) {
    const found = await findConsumer(ask, facts)
    return encodeReply(ask.call.head, {
      ConsumerDescription: {
        ...show({ ...found, status: 'ACTIVE' }, facts, ask),
        StreamARN: arnOf(found.stream, facts, ask.call.head),
      },
    })
  }
}

export function createListStreamConsumers(facts: Facts): Perform {
  return async function listStreamConsumers(ask) {
    const { input, call } = ask
    const limit = Math.floor(Number(input['MaxResults'] ?? PAGE_DEFAULT))
    const stream = facts.streamOf(input, call.head)
    const after = startOf(ask, facts)
    const consumers = await listConsumers(ask, stream, facts)
    const rest = consumers.filter(({ name }) => name > after)
    const page = rest.slice(0, limit)
    const last = page.at(-1)
    const token = { stream, after: last?.name, givenAtMs: call.receivedAtMs }
    return encodeReply(call.head, {
      Consumers: page.map((consumer) => show({ stream, consumer, status: 'ACTIVE' }, facts, ask)),
      ...(rest.length > page.length && last && { NextToken: writePageToken(token) }),
    })
  }
}

/** The name that the page begins after. */
function startOf({ input, call }: Ask, { name: dialect }: Facts): string {
  const token = input['NextToken']
  if (typeof token !== 'string') return ''
  const isAfter = (value: unknown): value is string => typeof value === 'string'
  return readPageToken(token, { dialect, isAfter, nowMs: call.receivedAtMs }).after
}

export function createDeregisterStreamConsumer(facts: Facts): Perform {
  return async function deregisterStreamConsumer(ask) {
    const { stream, consumer } = await findConsumer(ask, facts)
    await removeConsumer(ask, stream, { consumer, facts })
    return encodeReply(ask.call.head)
  }
}
