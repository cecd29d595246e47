// No request hangs: what does not come further by its time is ended, and what comes later changes nothing.

import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'
import type { Appended } from '../../src/core/log.ts'
import { createWatch, type Watched } from '../../src/http/watch.ts'
import { startBridge, type Bridge } from '../support/bridge.ts'
import { until } from '../support/until.ts'

interface One extends Watched<One> {
  readonly name: string
}

function one(name: string, dueMs: number): One {
  return { name, dueMs, older: undefined, newer: undefined }
}

describe('a watch', () => {
  beforeEach(() => void jest.useFakeTimers())
  afterEach(() => void jest.useRealTimers())

  test('tells once of each that is late, and of none that left or was put off', () => {
    const late: string[] = []
    const watch = createWatch<One>(Date.now, ({ name }) => late.push(name))
    const soon = Date.now() + 1000
    const [first, second, third] = [one('first', soon), one('second', soon), one('third', soon)]
    for (const each of [first, second, third]) watch.add(each)
    watch.remove(second)
    third.dueMs = Date.now() + 5000

    jest.advanceTimersByTime(900)
    expect(late).toEqual([])
    jest.advanceTimersByTime(3000)
    expect(late).toEqual(['first'])
    jest.advanceTimersByTime(10_000)
    expect(late).toEqual(['first', 'third'])
  })

  test('keeps no timer when there is nothing to look at, and takes one up again', () => {
    const late: string[] = []
    const watch = createWatch<One>(Date.now, ({ name }) => late.push(name))
    const first = one('first', Infinity)
    watch.add(first)
    expect(jest.getTimerCount()).toBe(1)
    watch.remove(first)
    jest.advanceTimersByTime(1000)
    expect(jest.getTimerCount()).toBe(0)
    watch.add(one('second', 0))
    jest.advanceTimersByTime(1000)
    expect(late).toEqual(['second'])
  })
})

const TARGET = 'Kinesis_20131202.PutRecord'
const BODY = '{"StreamName":"orders","PartitionKey":"k","Data":"QQ=="}'

/** A request whose body is never whole. */
const BEGUN = [
  'POST / HTTP/1.1',
  'Host: x',
  'Content-Type: application/x-amz-json-1.1',
  `X-Amz-Target: ${TARGET}`,
  'Content-Length: 100000',
  '',
  'the beginning',
].join('\r\n')

const HEADERS = {
  ':method': 'POST',
  ':path': '/',
  'content-type': 'application/x-amz-json-1.1',
  'x-amz-target': TARGET,
  'content-length': '100000',
}

describe('a body that does not come', () => {
  const environment = { TRIBUTARY_HTTP_REQUEST_TIMEOUT_MS: '1000' }

  async function endsWithNothingHeld(bridge: Bridge): Promise<void> {
    await until(() => bridge.lives.length === 1)
    expect(bridge.bytesHeld()).toBe(0)
  }

  test('ends its connection of HTTP/1.1', async () => {
    await using bridge = await startBridge({ topics: { orders: 1 }, environment })
    const socket = connect(bridge.port, '127.0.0.1')
    let ended = false
    socket.on('close', () => (ended = true)).on('error', () => undefined)
    socket.write(BEGUN)
    await until(() => bridge.bytesHeld() > 0)
    await until(() => ended)
    await endsWithNothingHeld(bridge)
  })

  test('ends its stream of HTTP/2, and no other', async () => {
    await using bridge = await startBridge({ topics: { orders: 1 }, environment })
    const session = connectHttp2(bridge.url)
    const stream = session.request(HEADERS)
    let ended = false
    stream.on('close', () => (ended = true)).on('error', () => undefined)
    stream.write('the beginning')
    await until(() => ended)
    await endsWithNothingHeld(bridge)
    expect(session.closed).toBe(false)
    session.destroy()
  })
})

test.each([true, false])(
  'a call without an answer is undecided (hot lane: %s)',
  async (hotLane) => {
    const environment = { TRIBUTARY_DIALECTS_KINESIS_ANSWER_WITHIN_MS: '100' }
    await using bridge = await startBridge({ topics: { orders: 1 }, environment, hotLane })
    let answer: (appended: readonly Appended[]) => void = () => undefined
    const log = bridge.log as { append: (typeof bridge.log)['append'] }
    const append = log.append
    log.append = () => new Promise((resolve) => (answer = resolve))
    const put = () =>
      fetch(bridge.url, {
        method: 'POST',
        headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': TARGET },
        body: BODY,
      })

    const reply = await put()
    expect(reply.status).toBe(500)
    expect(await reply.json()).toEqual({ __type: 'InternalFailure' })
    await until(() => bridge.lives.length === 1)
    expect(bridge.lives[0]?.life.error?.code).toBe('undecided')

    answer([{ state: 'written', offset: 0, timestampMs: 0 }])
    log.append = append
    expect((await put()).status).toBe(200)
    expect(bridge.bytesHeld()).toBe(0)
  },
)
