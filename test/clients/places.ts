// Where a record lies in Kafka, read out of what each vendor's answer says of it. Written from the
// vendors' forms alone: nothing here is shared with the service.

/** A member that a client may leave undefined. */
type Text = string | undefined

export interface Place {
  readonly partition: number
  readonly offset: number
}

export interface KinesisAnswer {
  readonly ShardId?: Text
  readonly SequenceNumber?: Text
}

/** `shardId-000000000002` and the like, whatever the number of digits. */
function shardIndex(id: string, form: RegExp): number {
  expect(id).toMatch(form)
  return Number(/\d+$/.exec(id)?.[0])
}

/**
 * Amazon Kinesis: 56 decimal digits are 47 hexadecimal ones, with the position in digits 11 to 26,
 * the time in seconds in 29 to 37, and the shard in 38 to 45. Both mentions of the shard must agree.
 */
export function placeInKinesis({
  ShardId = '',
  SequenceNumber = '',
}: KinesisAnswer): Place & { readonly seconds: number } {
  expect(SequenceNumber).toMatch(/^\d{56}$/)
  const hex = BigInt(SequenceNumber).toString(16)
  expect(hex).toMatch(/^2[0-9a-f]{45}2$/)
  const partition = shardIndex(ShardId, /^shardId-\d{12}$/)
  expect(parseInt(hex.slice(38, 46), 16)).toBe(partition)
  return {
    partition,
    offset: parseInt(hex.slice(11, 27), 16),
    seconds: parseInt(hex.slice(29, 38), 16),
  }
}

/** Yandex Data Streams: the position itself. */
export function placeInYandex({ ShardId = '', SequenceNumber = '' }: KinesisAnswer): Place {
  expect(SequenceNumber).toMatch(/^\d+$/)
  return { partition: shardIndex(ShardId, /^shard-\d{6}$/), offset: Number(SequenceNumber) }
}

/** Huawei DIS: the position itself. */
export function placeInDis({ partition_id = '', sequence_number = '' }): Place {
  expect(sequence_number).toMatch(/^\d+$/)
  return {
    partition: shardIndex(partition_id, /^shardId-\d{10}$/),
    offset: Number(sequence_number),
  }
}

/** Iguazio v3io counts from one. */
export function placeInV3io({
  shard_id: partition,
  sequence_number: sequence,
}: {
  shard_id?: number | null
  sequence_number?: number | null
}): Place {
  expect([typeof partition, typeof sequence]).toEqual(['number', 'number'])
  return { partition: partition!, offset: sequence! - 1 }
}
