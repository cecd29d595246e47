// Tokens that say where reading goes on, in a form that every instance can serve: nothing is kept.
//
// * They are no secret and prove nothing: whoever reads by one is checked as if it had named the
//   stream.
// * Reading one is total: what was not written here, or was changed on its way, gives nothing.
// * A vendor whose form leaves no room, or wants another one, uses the pieces alone.

import { createHash } from 'node:crypto'

export interface Token {
  readonly dialect: string
  /** The stream's name, whole. */
  readonly stream: string
  readonly shard: number
  readonly ordinal: number
  /** The topic's id, short. */
  readonly topic: Buffer
  /** Milliseconds since 1970. */
  readonly givenMs: number
}

const VERSION = 1
const TOPIC_BYTES = 8
const CHECK_BYTES = 4
/** Version, shard, ordinal, topic, time, and a length for either name. */
const FIXED_BYTES = 1 + 4 + 8 + TOPIC_BYTES + 8 + 2 + 2
const NAME_BYTES_MAX = 0xffff

/**
 * Eight bytes that stand for a topic's id: a topic made again under its name has others. All topics
 * of brokers that give no ids have the same.
 */
export function shortTopicId(id: string): Buffer {
  return digest(Buffer.from(id, 'utf8'), TOPIC_BYTES)
}

/** Whether a token of that topic is still good for this one. It may have room for fewer bytes. */
export function isSameTopic(short: Buffer, id: string): boolean {
  return short.length > 0 && short.equals(shortTopicId(id).subarray(0, short.length))
}

/** Whether something given then is too old, or from a future that no clock could have told. */
export function isExpired(givenMs: number, nowMs: number, livesMs: number): boolean {
  return Math.abs(nowMs - givenMs) > livesMs
}

/** The token's bytes. Throws RangeError for what no stream is called, or no record is numbered. */
export function packToken(token: Token): Buffer {
  const { dialect, stream, shard, ordinal, topic, givenMs } = token
  const names = [Buffer.from(dialect, 'utf8'), Buffer.from(stream, 'utf8')]
  if (names.some(({ length }) => length > NAME_BYTES_MAX) || topic.length !== TOPIC_BYTES) {
    throw new RangeError('A name is too long for a token, or a topic’s short id is not short')
  }
  const head = Buffer.alloc(1 + 4 + 8 + 8)
  head.writeUInt8(VERSION, 0)
  head.writeUInt32BE(shard, 1)
  head.writeBigUInt64BE(BigInt(ordinal), 5)
  head.writeBigUInt64BE(BigInt(givenMs), 13)
  const body = Buffer.concat([head, topic, ...names.flatMap((name) => [lengthOf(name), name])])
  return Buffer.concat([body, digest(body, CHECK_BYTES)])
}

/** The token of these bytes, or nothing. */
export function unpackToken(bytes: Buffer): Token | undefined {
  if (bytes.length < FIXED_BYTES + CHECK_BYTES || bytes[0] !== VERSION) return undefined
  const body = bytes.subarray(0, -CHECK_BYTES)
  if (!digest(body, CHECK_BYTES).equals(bytes.subarray(-CHECK_BYTES))) return undefined
  const ordinal = Number(body.readBigUInt64BE(5))
  const givenMs = Number(body.readBigUInt64BE(13))
  const names = readNames(body.subarray(21 + TOPIC_BYTES))
  if (!Number.isSafeInteger(ordinal) || !Number.isSafeInteger(givenMs)) return undefined
  if (names === undefined) return undefined
  const topic = Buffer.from(body.subarray(21, 21 + TOPIC_BYTES))
  return { ...names, shard: body.readUInt32BE(1), ordinal, topic, givenMs }
}

/** The token as text: base64url without padding. Throws as `packToken` does. */
export function writeToken(token: Token): string {
  return packToken(token).toString('base64url')
}

/** The token of this text, or nothing. There is one text for a token. */
export function readToken(text: string): Token | undefined {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? unpackToken(bytes) : undefined
}

function digest(bytes: Buffer, length: number): Buffer {
  return createHash('sha256').update(bytes).digest().subarray(0, length)
}

function lengthOf(name: Buffer): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(name.length)
  return length
}

function readNames(bytes: Buffer): { dialect: string; stream: string } | undefined {
  const first = readName(bytes, 0)
  const second = first && readName(bytes, first.end)
  if (!first || second?.end !== bytes.length) return undefined
  return { dialect: first.name, stream: second.name }
}

function readName(bytes: Buffer, at: number): { name: string; end: number } | undefined {
  if (at + 2 > bytes.length) return undefined
  const end = at + 2 + bytes.readUInt16BE(at)
  if (end > bytes.length) return undefined
  return { name: bytes.toString('utf8', at + 2, end), end }
}
