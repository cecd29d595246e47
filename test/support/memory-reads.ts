// The reading side of the log of the tests. Its values are never null: what only Kafka does, such
// as compaction with tombstones and transactions, is played by gaps.

import { BridgeError } from '../../src/core/errors.ts'
import type { ReadResult, Reads, ReadWish, StoredRecord } from '../../src/core/log.ts'

type MemoryRecord = StoredRecord & { readonly value: Buffer }

export interface MemoryPartition {
  readonly records: readonly MemoryRecord[]
  readonly start: number
  readonly end: number
  /** Returns the record's offset. */
  readonly append: (record: Omit<MemoryRecord, 'offset'>) => number
  readonly burn: (offsets: number) => void
  readonly compact: (offset: number) => void
  readonly deleteBefore: (offset: number) => void
  /** Resolves when something was appended, or the time is over. */
  readonly change: (waitMs: number) => Promise<void>
}

export function createPartition(): MemoryPartition {
  let records: MemoryRecord[] = []
  let start = 0
  let end = 0
  const waiting = new Set<() => void>()
  const wake = (): void => {
    for (const each of waiting) each()
  }
  return {
    get records() {
      return records
    },
    get start() {
      return start
    },
    get end() {
      return end
    },
    append(record) {
      records.push({ ...record, offset: end })
      end++
      wake()
      return end - 1
    },
    burn(offsets) {
      end += offsets
      wake()
    },
    compact(offset) {
      records = records.filter((record) => record.offset !== offset)
    },
    deleteBefore(offset) {
      start = offset
      records = records.filter((record) => record.offset >= offset)
    },
    change: (waitMs) =>
      new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(timer)
          waiting.delete(done)
          resolve()
        }
        const timer = setTimeout(done, waitMs)
        waiting.add(done)
      }),
  }
}

const STEP_BYTES = 2 ** 20

interface MemoryTopic {
  readonly id: string
  readonly partitions: readonly MemoryPartition[]
  readonly leaderless: readonly number[]
}

export function createMemoryReads(find: (topic: string) => MemoryTopic, now: () => number): Reads {
  function at(name: string, index: number): { topic: MemoryTopic; partition: MemoryPartition } {
    const topic = find(name)
    const partition = topic.partitions[index]
    if (partition === undefined) {
      throw new BridgeError('shard-not-found', `Topic ${name} has no partition ${index}`)
    }
    if (topic.leaderless.includes(index)) {
      throw new BridgeError('unavailable', 'The partition has no leader')
    }
    return { topic, partition }
  }

  return {
    async read(name, wish, deadlineMs) {
      const { topic, partition } = at(name, wish.partition)
      const untilMs = Math.min(now() + wish.waitMs, deadlineMs)
      // As Kafka's: a step of what may come.
      wish.hold(Math.min(wish.bytesMax, STEP_BYTES))
      for (;;) {
        const result = readNow(partition, wish, topic.id)
        const isEmpty = result.state === 'read' && result.records.length === 0
        if (!isEmpty || now() >= untilMs) return result
        await partition.change(untilMs - now())
      }
    },
    bounds: async (name, index) => {
      const { topic, partition } = await Promise.resolve(at(name, index))
      return { topicId: topic.id, start: partition.start, end: partition.end }
    },
    offsetAt: async (name, { partition: index, timestampMs }) => {
      const { partition } = await Promise.resolve(at(name, index))
      const found = partition.records.find((record) => record.timestampMs >= timestampMs)
      return found?.offset ?? partition.end
    },
  }
}

function readNow(partition: MemoryPartition, wish: ReadWish, topicId: string): ReadResult {
  const { start, end } = partition
  if (wish.offset < start) return { state: 'below', topicId, start, end }
  if (wish.offset > end) return { state: 'beyond', topicId, start, end }
  const coming = partition.records.filter(({ offset }) => offset >= wish.offset)
  let count = 0
  for (let bytes = 0; count < Math.min(coming.length, wish.recordsMax); count++) {
    bytes += bytesOf(coming[count]!)
    if (count > 0 && bytes > wish.bytesMax) break
  }
  const rest = coming[count]
  return {
    state: 'read',
    topicId,
    records: coming.slice(0, count),
    next: rest?.offset ?? end,
    ...(rest !== undefined && { nextTimestampMs: rest.timestampMs }),
    start,
    end,
  }
}

function bytesOf({ key, value, headers }: StoredRecord): number {
  let bytes = (key?.length ?? 0) + (value?.length ?? 0)
  for (const header of headers) bytes += header.name.length + header.value.length
  return bytes
}
