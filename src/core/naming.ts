// Stream names ↔ topic names: a template per dialect, exact overrides, and a reversible escape.
//
// * Each UTF-8 byte outside [A-Za-z0-9._-] becomes `_xHH` (upper case), and so does the `_` of a
//   literal `_x` + two hex digits, so that two names never meet in one topic. `.` and `..`, which
//   Kafka reserves, are escaped whole. A path part (v3io's) turns slashes into dots, and the dots
//   inside its elements are escaped.
// * A topic whose name begins with `_` is nobody's stream: Kafka's own and ours live there.

import { BridgeError } from './errors.ts'
import type { StreamRef } from './model.ts'

/** How one dialect's streams are named on Kafka. */
export interface Naming {
  /** Literal text and `{part}`s, for example `{container}.{path}`. */
  readonly template: string
  /** Whole stream names that have a topic of their own. */
  readonly overrides: Readonly<Record<string, string>>
  /** Parts that must have this value: a request that names another means a missing stream. */
  readonly pinned: Readonly<Record<string, string>>
}

/** What a dialect knows of its own names, so that the catalogue can read topics backwards. */
export interface NameRules {
  /** Parts whose value is a path: its slashes become dots. */
  readonly pathParts?: readonly string[]
  /** The ref of these parts, or nothing where the vendor knows no such name. */
  readonly refOf: (parts: Readonly<Record<string, string>>) => StreamRef | undefined
  /** The ref of a whole name (an override's key), or nothing where it is no name. */
  readonly parse: (name: string) => StreamRef | undefined
}

const TOPIC_CHARS_MAX = 249

function hex(byte: number): string {
  return `_x${byte.toString(16).toUpperCase().padStart(2, '0')}`
}

/** Escapes a name for use in a topic. Dots stay, unless the name is nothing but one or two. */
export function escapeName(name: string): string {
  if (name === '.' || name === '..') return name.replaceAll('.', hex(0x2e))
  return name
    .replace(/_(?=x[0-9A-Fa-f]{2})/g, hex(0x5f))
    .replace(/[^A-Za-z0-9._-]+/gu, (run) => Array.from(Buffer.from(run, 'utf8'), hex).join(''))
}

/** Undoes `escapeName`; nothing where the text could not have been made by it. */
export function unescapeName(topic: string): string | undefined {
  const bytes: number[] = []
  for (let i = 0; i < topic.length; i++) {
    const escaped = /^_x([0-9A-F]{2})/.exec(topic.slice(i, i + 4))
    if (escaped) {
      bytes.push(Number.parseInt(escaped[1] ?? '', 16))
      i += 3
    } else bytes.push(topic.charCodeAt(i))
  }
  const name = Buffer.from(bytes).toString('utf8')
  return escapeName(name) === topic ? name : undefined
}

function escapePath(path: string): string {
  const elements = path.split('/').map((element) => escapeName(element).replaceAll('.', hex(0x2e)))
  return elements.join('.')
}

function unescapePath(text: string): string | undefined {
  const elements = text.split('.').map((element) => {
    const name = unescapeDotted(element)
    return name === undefined || name === '' || name.includes('/') ? undefined : name
  })
  return elements.includes(undefined) ? undefined : elements.join('/')
}

/** An element of a path is escaped twice over: its dots too. */
function unescapeDotted(element: string): string | undefined {
  const plain = unescapeName(element.replaceAll(hex(0x2e), '.'))
  return plain === undefined && /^(_x2E){1,2}$/.test(element)
    ? '.'.repeat(element.length / 4)
    : plain
}

export interface TopicNames {
  /** The topic of a stream. Throws BridgeError `stream-not-found` or `invalid-name`. */
  readonly topicOf: (ref: StreamRef) => string
  /** The stream that a topic is, or nothing where this dialect could not have made it. */
  readonly streamOf: (topic: string) => StreamRef | undefined
}

type Parts = Readonly<Record<string, string>>

/** The two directions of one dialect's naming. */
export function createTopicNames(naming: Naming, rules: NameRules): TopicNames {
  const isPath = (part: string): boolean => rules.pathParts?.includes(part) ?? false
  const pieces = naming.template.split(/\{([a-zA-Z]+)\}/)
  const overridden = new Map(Object.entries(naming.overrides))
  const streams = new Map(Object.entries(naming.overrides).map(([name, topic]) => [topic, name]))
  const pattern = new RegExp(
    `^${pieces.map((piece, i) => (i % 2 ? `(?<${piece}>.+?)` : literal(piece))).join('')}$`,
  )

  function fill(parts: Parts): string {
    return pieces
      .map((piece, i) => {
        if (i % 2 === 0) return piece
        const value = parts[piece] ?? ''
        return isPath(piece) ? escapePath(value) : escapeName(value)
      })
      .join('')
  }

  function read(topic: string): Parts | undefined {
    const groups = pattern.exec(topic)?.groups
    if (!groups) return undefined
    const parts: Record<string, string> = { ...naming.pinned }
    for (const [part, text] of Object.entries(groups)) {
      const value = isPath(part) ? unescapePath(text) : unescapeName(text)
      if (value === undefined) return undefined
      parts[part] = value
    }
    return fill(parts) === topic ? parts : undefined
  }

  return {
    topicOf(ref) {
      const topic = overridden.get(ref.name) ?? fill(pinnedOrMissing(ref, naming.pinned))
      if (topic.startsWith('_')) throw missing(ref)
      if (streams.has(topic) && streams.get(topic) !== ref.name) throw missing(ref)
      if (topic.length > TOPIC_CHARS_MAX) {
        throw new BridgeError('invalid-name', `The name ${ref.name} is too long for a Kafka topic`)
      }
      return topic
    },
    streamOf(topic) {
      if (topic.startsWith('_')) return undefined
      const name = streams.get(topic)
      if (name !== undefined) return rules.parse(name)
      const parts = read(topic)
      const ref = parts && rules.refOf(parts)
      return ref && !overridden.has(ref.name) ? ref : undefined
    },
  }
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

function pinnedOrMissing(ref: StreamRef, pinned: Parts): Parts {
  for (const [part, value] of Object.entries(pinned)) {
    if (ref.parts[part] !== undefined && ref.parts[part] !== value) throw missing(ref)
  }
  return { ...pinned, ...ref.parts }
}

function missing(ref: StreamRef): BridgeError {
  return new BridgeError('stream-not-found', `There is no stream ${ref.name}`)
}
