// What is wrong with a member, in the sentences of the Kinesis front end (recorded by kinesalite's
// test suite against the service; docs: "Common errors").

import { BridgeError } from '../../core/errors.ts'
import type { Shape, TextShape, NumberShape } from '../../core/shape.ts'
import type { Finding } from '../shared/check.ts'
import { blobBytes } from '../shared/size.ts'

const NUMBER = 'class com.amazon.coral.value.json.numbers.TruncatingBigNumber'
const TEXT = 'class java.lang.String'
const FLAG = 'class java.lang.Boolean'
const STRUCTURE_FOUND = 'Start of structure or map found where not expected.'
const LIST_FOUND = 'Start of list found where not expected'
/** How much of a caller's text goes into a message: enough to recognise it. */
const QUOTED_CHARS_MAX = 1024

function quoted(text: string): string {
  return text.length > QUOTED_CHARS_MAX ? `${text.slice(0, QUOTED_CHARS_MAX)}…` : text
}

const JAVA_NAME: Partial<Record<Shape['type'], string>> = {
  text: 'an String',
  number: 'an Integer',
  flag: 'an Boolean',
  blob: 'a Blob',
  time: 'milliseconds since epoch',
}

function scalarFound(shape: Shape, value: unknown): string {
  if (shape.type === 'list') return 'Expected list or null'
  if (shape.type === 'map') return 'Expected map or null'
  if (shape.type === 'structure') return 'Expected null'
  const wanted = JAVA_NAME[shape.type] ?? ''
  if (typeof value === 'boolean') return `${FLAG} can not be converted to ${wanted}`
  if (typeof value === 'number') return `${NUMBER} can not be converted to ${wanted}`
  if (shape.type === 'flag') {
    return `'${quoted(String(value)).toUpperCase()}' can not be converted to ${wanted}`
  }
  return `${TEXT} can not be converted to ${wanted}`
}

function wrongBase64(text: string): string {
  const start = `'${quoted(text)}' can not be converted to a Blob: `
  if (text.length % 4 !== 0) {
    return `${start}Base64 encoded length is expected a multiple of 4 bytes but found: ${text.length}`
  }
  const strange = /[^A-Za-z0-9+/=]|=[^=]/.exec(text)
  if (strange) return `${start}Invalid Base64 character: '${strange[0].charAt(0)}'`
  return `${start}Invalid last non-pad Base64 character dectected`
}

/** A wrong type: SerializationException. */
export function sayWrongType({ rule, shape, value }: Finding): BridgeError {
  if (rule === 'base64') return new BridgeError('wrong-type', wrongBase64(value as string))
  if (Array.isArray(value)) return new BridgeError('wrong-type', LIST_FOUND)
  if (typeof value === 'object') return new BridgeError('wrong-type', STRUCTURE_FOUND)
  return new BridgeError('wrong-type', scalarFound(shape, value))
}

/** As many as the service collects in one message. */
export const FINDINGS_MAX = 10

/** Broken constraints, all of them: ValidationException. */
export function sayBroken(findings: readonly Finding[]): BridgeError {
  const errors = findings.map(
    (finding) =>
      `Value ${showValue(finding)} at '${showPath(finding.path)}' failed to satisfy constraint: ${CONSTRAINTS[finding.rule](finding.shape)}`,
  )
  const noun = errors.length === 1 ? 'error' : 'errors'
  return new BridgeError(
    'constraint',
    `${errors.length} validation ${noun} detected: ${errors.join('; ')}`,
  )
}

function showPath(path: Finding['path']): string {
  return path
    .map((step) =>
      typeof step === 'number'
        ? `${step + 1}.member`
        : step.charAt(0).toLowerCase() + step.slice(1),
    )
    .join('.')
}

function showValue({ rule, shape, value }: Finding): string {
  return rule === 'required' ? 'null' : `'${quoted(show(shape, value))}'`
}

function show(shape: Shape, value: unknown): string {
  switch (shape.type) {
    case 'blob': {
      const bytes = blobBytes(value)
      return `java.nio.HeapByteBuffer[pos=0 lim=${bytes} cap=${bytes}]`
    }
    case 'list':
      return `[${(value as unknown[]).map((item) => show(shape.of, item)).join(', ')}]`
    case 'structure':
      return `com.amazonaws.kinesis.v20131202.${shape.name ?? 'Structure'}@c965e310`
    case 'map': {
      const entries = Object.entries(value as Record<string, string>)
      return `{${entries.map(([key, text]) => `${key}=${text}`).join(', ')}}`
    }
    case 'number':
      return String(toInteger(value as number))
    default:
      return String(value)
  }
}

const INTEGER_MAX = 2 ** 31 - 1

/** A number as the service reads it. */
export function toInteger(value: number): number {
  return Math.min(Math.floor(value), INTEGER_MAX)
}

const CONSTRAINTS: Record<Finding['rule'], (shape: Shape) => string> = {
  required: () => 'Member must not be null',
  pattern: (shape) =>
    `Member must satisfy regular expression pattern: ${(shape as TextShape).pattern ?? ''}`,
  values: (shape) =>
    `Member must satisfy enum value set: [${((shape as TextShape).values ?? []).join(', ')}]`,
  min: (shape) => showLimit('min', shape),
  max: (shape) => showLimit('max', shape),
  keys: (shape) => showLengths('Map keys', shape.type === 'map' ? [1, shape.keyCharsMax] : []),
  entries: showEntries,
  type: () => 'Member must be of its type',
  base64: () => 'Member must be base64',
}

function showLimit(rule: 'min' | 'max', shape: Shape): string {
  const what = shape.type === 'number' ? 'value' : 'length'
  const relation = rule === 'min' ? 'greater' : 'less'
  return `Member must have ${what} ${relation} than or equal to ${limitOf(rule, shape)}`
}

function limitOf(rule: 'min' | 'max', shape: Shape): number {
  const limits: Partial<Record<Shape['type'], readonly [string, string]>> = {
    text: ['charsMin', 'charsMax'],
    number: ['min', 'max'],
    blob: ['bytesMin', 'bytesMax'],
    list: ['lengthMin', 'lengthMax'],
    map: ['sizeMin', 'sizeMax'],
  }
  const name = limits[shape.type]?.[rule === 'min' ? 0 : 1] as keyof NumberShape | undefined
  return name === undefined ? 0 : Number((shape as NumberShape)[name])
}

function showEntries(shape: Shape): string {
  if (shape.type === 'map') return showLengths('Map value', [0, shape.valueCharsMax])
  const of = shape.type === 'list' ? shape.of : shape
  if (of.type !== 'text') return 'Member must be of its type'
  if (of.values) return `Member must satisfy constraint: [${CONSTRAINTS.values(of)}]`
  return showLengths('Member', [of.charsMin, of.charsMax])
}

function showLengths(whose: string, [min = 0, max = 0]: readonly (number | undefined)[]): string {
  return `${whose} must satisfy constraint: [Member must have length less than or equal to ${max}, Member must have length greater than or equal to ${min}]`
}
