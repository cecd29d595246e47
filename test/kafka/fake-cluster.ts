// Brokers that do exactly what a test tells them, over real sockets: they speak the few requests of
// the engine, keep an idempotent producer's state as Kafka does (measured on 4.3.1), and let a
// hook decide the fate of every Produce request.
//
// * A repetition of one of the last five batches is answered with its first offset; a gap with 45;
//   an older epoch with 47; a newer epoch starts at sequence 0.
// * All brokers share the log, as if replication were perfect: faults are scripted, not simulated.

import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { Reader, Writer } from '../../src/kafka/protocol/wire.ts'
import { createFramer } from '../../src/kafka/framer.ts'

/** A batch as it arrived. */
export interface FakeBatch {
  readonly topic: string
  readonly partition: number
  readonly broker: number
  readonly producerId: number
  readonly epoch: number
  readonly sequence: number
  readonly values: readonly string[]
  readonly bytes: Buffer
}

/** What a broker answers for one batch, instead of what it would by itself. */
interface FakeAnswer {
  readonly code: number
  /** Whether the batch is appended all the same (as for NOT_LEADER after the fact). */
  readonly append?: boolean
  readonly recordErrors?: readonly { readonly index: number; readonly message: string | null }[]
  readonly message?: string
  readonly logAppendTimeMs?: number
}

type FakeProduce = readonly FakeBatch[]

/** What a broker does with a whole Produce request; undefined: what it should. */
export type FakeDeed =
  | undefined
  | {
      readonly answers?: (batch: FakeBatch) => FakeAnswer | undefined
      readonly throttleMs?: number
    }
  /** Nothing is answered: `hang` keeps the socket, `close` ends it, `half` sends half a reply. */
  | { readonly silence: 'hang' | 'close' | 'half' | 'nonsense'; readonly append: boolean }

interface FakePartition {
  leader: number
  leaderEpoch: number
  readonly values: string[]
  readonly producers: Map<number, ProducerMemory>
}

interface ProducerMemory {
  epoch: number
  batches: { sequence: number; count: number; offset: number }[]
}

interface FakeTopic {
  readonly id: Buffer
  readonly partitions: FakePartition[]
  messageBytesMax: number
}

export interface FakeClusterOptions {
  readonly brokers?: number
  readonly topics?: Readonly<Record<string, number>>
  readonly produceVersionMax?: number
  readonly metadataVersionMax?: number
  /** The epoch that a new producer id begins with. */
  readonly firstEpoch?: number
}

export interface FakeCluster {
  readonly bootstrap: readonly string[]
  /** Every batch in the order of arrival, on whatever broker. */
  readonly arrived: FakeBatch[]
  /** Names of topics asked for, one entry per Metadata request. */
  readonly lookUps: (readonly string[] | null)[]
  readonly values: (topic: string, partition?: number) => readonly string[]
  /** Decides over every Produce request from now on. */
  readonly onProduce: (hook: ((request: FakeProduce) => FakeDeed) | undefined) => void
  readonly setLeader: (topic: string, partition: number, broker: number) => void
  readonly create: (topic: string, partitions: number, messageBytesMax?: number) => void
  readonly grow: (topic: string, partitions: number) => void
  readonly remove: (topic: string) => void
  /** A broker that does not know a topic that there is. */
  readonly hideFrom: (broker: number, topic: string, hidden: boolean) => void
  /** Answers nothing any more, or everything again. */
  readonly freeze: (broker: number, frozen: boolean) => void
  readonly stop: (broker: number) => Promise<void>
  readonly start: (broker: number) => Promise<void>
  readonly connections: () => number
  readonly producerIds: () => number
  readonly close: () => Promise<void>
}

const API_VERSIONS = 18
const METADATA = 3
const PRODUCE = 0
const INIT_PRODUCER_ID = 22
const DESCRIBE_CONFIGS = 32
const REMEMBERED = 5

export async function startFakeCluster(options: FakeClusterOptions = {}): Promise<FakeCluster> {
  const topics = new Map<string, FakeTopic>()
  const hidden = new Set<string>()
  const frozen = new Set<number>()
  const arrived: FakeBatch[] = []
  const lookUps: (readonly string[] | null)[] = []
  const servers = new Map<number, { server: Server; port: number; sockets: Set<Socket> }>()
  const brokerCount = options.brokers ?? 1
  let hook: ((request: FakeProduce) => FakeDeed) | undefined
  let nextProducerId = 1000

  const create = (name: string, partitions: number, messageBytesMax = 1_048_588): void => {
    const topic: FakeTopic = { id: randomBytes(16), partitions: [], messageBytesMax }
    topics.set(name, topic)
    grow(name, partitions)
  }
  const grow = (name: string, partitions: number): void => {
    const topic = topics.get(name)!
    while (topic.partitions.length < partitions) {
      const leader = topic.partitions.length % brokerCount
      topic.partitions.push({ leader, leaderEpoch: 0, values: [], producers: new Map() })
    }
  }
  const knownTo = (broker: number, name: string): FakeTopic | undefined =>
    hidden.has(`${broker}:${name}`) ? undefined : topics.get(name)
  for (const [name, partitions] of Object.entries(options.topics ?? {})) create(name, partitions)

  function serve(broker: number, socket: Socket): void {
    const take = createFramer((request) => {
      if (frozen.has(broker)) return
      const key = request.readInt16BE(0)
      const version = request.readInt16BE(2)
      const correlationId = request.subarray(4, 8)
      const flexible = (key === PRODUCE && version >= 9) || (key === METADATA && version >= 9)
      const clientIdBytes = request.readInt16BE(8)
      const body = new Reader(request.subarray(10 + Math.max(0, clientIdBytes)), flexible)
      if (flexible) body.end()
      const writer = new Writer(flexible)
      writer.raw(correlationId).end()
      if (key === API_VERSIONS) answerVersions(writer, version)
      else if (key === METADATA) answerMetadata(writer, body, { version, broker })
      else if (key === INIT_PRODUCER_ID) answerProducerId(writer)
      else if (key === DESCRIBE_CONFIGS) answerConfigs(writer, body, broker)
      else if (key === PRODUCE) {
        const deed = answerProduce(writer, body, { version, broker })
        if (deed === 'close') socket.destroy()
        if (deed === 'half') reply(socket, writer, 0.5)
        if (deed === 'nonsense') socket.write(Buffer.from([0, 0, 0, 5, 9, 9, 9, 9, 9]))
        if (deed !== 'answer') return
      } else throw new Error(`The fake broker does not know request ${key}`)
      reply(socket, writer, 1)
    })
    socket.on('data', take)
    socket.on('error', () => undefined)
  }

  function reply(socket: Socket, writer: Writer, part: number): void {
    const body = writer.finish()
    const frame = Buffer.alloc(4 + body.length)
    frame.writeInt32BE(body.length, 0)
    body.copy(frame, 4)
    socket.write(frame.subarray(0, Math.ceil(frame.length * part)))
  }

  function answerVersions(writer: Writer, version: number): void {
    const apis = [
      [PRODUCE, 3, options.produceVersionMax ?? 13],
      [METADATA, 0, options.metadataVersionMax ?? 13],
      [API_VERSIONS, 0, 4],
      [INIT_PRODUCER_ID, 0, 5],
      [DESCRIBE_CONFIGS, 1, 4],
    ] as const
    writer.int16(0).int32(apis.length)
    for (const [key, min, max] of apis) writer.int16(key).int16(min).int16(max)
    if (version >= 1) writer.int32(0)
  }

  function answerMetadata(
    writer: Writer,
    body: Reader,
    { version, broker }: { version: number; broker: number },
  ): void {
    const asked = body.array(() => {
      if (version >= 10) body.raw(16)
      const name = body.string()!
      body.end()
      return name
    })
    lookUps.push(asked)
    writer.int32(0).count(servers.size)
    for (const [id, { port }] of servers) {
      writer.int32(id).string('127.0.0.1').int32(port).string(null).end()
    }
    writer.string('fake').int32(0).count(asked.length)
    for (const name of asked) {
      const topic = knownTo(broker, name)
      writer.int16(topic === undefined ? 3 : 0).string(name)
      if (version >= 10) writer.raw(topic?.id ?? Buffer.alloc(16))
      writer.boolean(false).count(topic?.partitions.length ?? 0)
      for (const [index, { leader, leaderEpoch }] of topic?.partitions.entries() ?? []) {
        writer
          .int16(leader < 0 ? 5 : 0)
          .int32(index)
          .int32(leader)
          .int32(leaderEpoch)
        writer.count(0).count(0).count(0).end()
      }
      if (version >= 8) writer.int32(0)
      writer.end()
    }
    writer.end()
  }

  function answerProducerId(writer: Writer): void {
    writer
      .int32(0)
      .int16(0)
      .int64(nextProducerId++)
      .int16(options.firstEpoch ?? 0)
  }

  function answerConfigs(writer: Writer, body: Reader, broker: number): void {
    const names = body.array(() => {
      body.int8()
      const name = body.string()!
      body.array(() => body.string())
      return name
    })
    writer.int32(0).count(names.length)
    for (const name of names) {
      const topic = knownTo(broker, name)
      writer
        .int16(topic === undefined ? 3 : 0)
        .string(null)
        .int8(2)
        .string(name)
      writer.count(topic === undefined ? 0 : 1)
      if (topic === undefined) continue
      const limit = topic.messageBytesMax
      writer.string('max.message.bytes').string(String(limit)).boolean(false).int8(5).boolean(false)
      writer.count(0)
    }
  }

  function answerProduce(
    writer: Writer,
    body: Reader,
    { version, broker }: { version: number; broker: number },
  ): 'answer' | 'hang' | 'close' | 'half' | 'nonsense' {
    const batches = readProduce(body, version).map((batch) => ({ ...batch, broker }))
    arrived.push(...batches)
    const deed = hook?.(batches)
    if (deed !== undefined && 'silence' in deed) {
      if (deed.append) for (const batch of batches) append(batch)
      if (deed.silence !== 'half') return deed.silence
    }
    const answers = deed !== undefined && 'answers' in deed ? deed.answers : undefined
    writer.count(batches.length)
    for (const batch of batches) {
      const scripted = answers?.(batch)
      const natural = scripted === undefined || scripted.append === true ? append(batch) : undefined
      const code = scripted?.code ?? natural?.code ?? 0
      if (version >= 13) writer.raw(topics.get(batch.topic)?.id ?? Buffer.alloc(16))
      else writer.string(batch.topic)
      writer.count(1).int32(batch.partition).int16(code)
      writer.int64(code === 0 ? natural!.offset : -1)
      writer.int64(scripted?.logAppendTimeMs ?? -1).int64(0)
      const errors = scripted?.recordErrors ?? []
      writer.count(errors.length)
      for (const { index, message } of errors) writer.int32(index).string(message).end()
      writer
        .string(scripted?.message ?? null)
        .end()
        .end()
    }
    writer.int32(deed !== undefined && 'throttleMs' in deed ? (deed.throttleMs ?? 0) : 0).end()
    return deed !== undefined && 'silence' in deed ? deed.silence : 'answer'
  }

  function readProduce(body: Reader, version: number): Omit<FakeBatch, 'broker'>[] {
    body.string()
    body.int16()
    body.int32()
    const all = body.array(() => {
      const topic = version >= 13 ? nameOf(body.raw(16)) : body.string()!
      const parts = body.array(() => {
        const partition = body.int32()
        const length = version >= 9 ? body.uvarint() - 1 : body.int32()
        const bytes = Buffer.from(body.raw(length))
        body.end()
        return { topic, partition, ...readBatch(bytes) }
      })
      body.end()
      return parts
    })
    return all.flat()
  }

  function nameOf(id: Buffer): string {
    for (const [name, topic] of topics) if (topic.id.equals(id)) return name
    return ''
  }

  function append(batch: FakeBatch): { code: number; offset: number } {
    const topic = topics.get(batch.topic)
    const partition = topic?.partitions[batch.partition]
    if (partition === undefined) return { code: batch.topic === '' ? 100 : 3, offset: -1 }
    if (partition.leader !== batch.broker) return { code: 6, offset: -1 }
    if (batch.bytes.length > topic!.messageBytesMax) return { code: 10, offset: -1 }
    return appendTo(partition, batch)
  }

  for (let broker = 0; broker < brokerCount; broker++) await start(broker)

  async function start(broker: number): Promise<void> {
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
      serve(broker, socket)
    })
    const port = servers.get(broker)?.port ?? 0
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    servers.set(broker, { server, port: (server.address() as AddressInfo).port, sockets })
  }

  async function stop(broker: number): Promise<void> {
    const { server, sockets } = servers.get(broker)!
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }

  return {
    bootstrap: [...servers.values()].map(({ port }) => `127.0.0.1:${port}`),
    arrived,
    lookUps,
    values: (topic, partition) => {
      const { partitions } = topics.get(topic)!
      if (partition !== undefined) return partitions[partition]!.values
      return partitions.flatMap(({ values }) => values)
    },
    onProduce: (next) => (hook = next),
    setLeader(topic, index, broker) {
      const partition = topics.get(topic)!.partitions[index]!
      partition.leader = broker
      partition.leaderEpoch++
    },
    create,
    grow,
    remove: (topic) => topics.delete(topic),
    hideFrom(broker, topic, isHidden) {
      if (isHidden) hidden.add(`${broker}:${topic}`)
      else hidden.delete(`${broker}:${topic}`)
    },
    freeze(broker, isFrozen) {
      if (isFrozen) frozen.add(broker)
      else frozen.delete(broker)
    },
    stop,
    start,
    connections: () => [...servers.values()].reduce((sum, { sockets }) => sum + sockets.size, 0),
    producerIds: () => nextProducerId - 1000,
    async close() {
      for (const broker of servers.keys()) await stop(broker)
    },
  }
}

/** Kafka's rules for idempotent producers. */
function appendTo(partition: FakePartition, batch: FakeBatch): { code: number; offset: number } {
  const { producerId, epoch, sequence, values } = batch
  let memory = partition.producers.get(producerId)
  if (memory !== undefined) {
    const known = memory.batches.find(
      (old) => memory!.epoch === epoch && old.sequence === sequence && old.count === values.length,
    )
    if (known !== undefined) return { code: 0, offset: known.offset }
    if (epoch < memory.epoch) return { code: 47, offset: -1 }
    const last = memory.batches.at(-1)
    const next = last === undefined ? sequence : (last.sequence + last.count) % 2 ** 31
    const expected = epoch > memory.epoch ? 0 : next
    if (sequence !== expected) return { code: 45, offset: -1 }
  }
  memory ??= { epoch, batches: [] }
  if (epoch > memory.epoch) memory.batches = []
  memory.epoch = epoch
  const offset = partition.values.length
  memory.batches.push({ sequence, count: values.length, offset })
  if (memory.batches.length > REMEMBERED) memory.batches.shift()
  partition.producers.set(producerId, memory)
  partition.values.push(...values)
  return { code: 0, offset }
}

/** What matters of a record batch: the producer's state and the values; none of compressed ones. */
function readBatch(
  bytes: Buffer,
): Pick<FakeBatch, 'producerId' | 'epoch' | 'sequence' | 'values' | 'bytes'> {
  const count = bytes.readInt32BE(57)
  const values = isCompressed(bytes) ? new Array<string>(count).fill('') : readValues(bytes, count)
  return {
    producerId: Number(bytes.readBigInt64BE(43)),
    epoch: bytes.readInt16BE(51),
    sequence: bytes.readInt32BE(53),
    values,
    bytes,
  }
}

function isCompressed(bytes: Buffer): boolean {
  return (bytes.readInt16BE(21) & 7) !== 0
}

function readValues(bytes: Buffer, count: number): string[] {
  const values: string[] = []
  let at = 61
  const varint = (): number => {
    let value = 0
    let shift = 1
    for (;;) {
      const byte = bytes[at++]!
      value += (byte & 127) * shift
      if (byte < 128) break
      shift *= 128
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }
  for (let i = 0; i < count; i++) {
    const length = varint()
    const end = at + length
    at++
    varint()
    varint()
    const keyBytes = varint()
    at += Math.max(0, keyBytes)
    const valueBytes = varint()
    values.push(bytes.toString('utf8', at, at + Math.max(0, valueBytes)))
    at = end
  }
  return values
}
