// Whether an input is flawless, said as quickly as that can be said: each shape becomes a function once,
// and nothing is made of what is right. What is wrong with an input that is not, check.ts finds out.
//
// * Base64 that is right becomes the bytes that it stands for, in its place: to know whether it is right
//   is to decode it.

import type {
  BlobShape,
  ListShape,
  NumberShape,
  Shape,
  StructureShape,
  TextShape,
} from '../../core/shape.ts'
import { base64Bytes, decodeBase64 } from './base64.ts'

export type Test = (value: unknown) => boolean

/** What the interpreter knows of values and shapes. */
export interface Rules {
  readonly isAbsent: (value: unknown, shape: Shape) => boolean
  readonly isRight: (shape: Shape, value: unknown) => boolean
  /** The expression of a pattern, which holds for a whole text. */
  readonly wholeOf: (pattern: string) => RegExp
}

/** The test of a shape. */
export function testOf(shape: Shape, rules: Rules): Test {
  switch (shape.type) {
    case 'text':
      return textTest(shape, rules)
    case 'blob':
      return blobTest(shape, rules)
    case 'number':
      return numberTest(shape, rules)
    case 'list':
      return listTest(shape, rules)
    case 'structure':
      return structureTest(shape, rules)
    default:
      return (value) => rules.isRight(shape, value)
  }
}

/** Characters are code points, of which a text has half its length at the least. */
function textTest(shape: TextShape, { isRight, wholeOf }: Rules): Test {
  const { charsMin = 0, charsMax = Infinity, pattern, values } = shape
  if (values !== undefined) return (value) => isRight(shape, value)
  const whole = pattern === undefined ? undefined : wholeOf(pattern)
  return (value) => {
    if (typeof value !== 'string') return false
    const { length } = value
    const fits = length <= charsMax && Math.ceil(length / 2) >= charsMin
    return fits ? (whole?.test(value) ?? true) : isRight(shape, value)
  }
}

/** What may fail in its place is told by whoever decodes it; it has no more bytes than this. */
function blobTest(shape: BlobShape, { isRight }: Rules): Test {
  const { failsInPlace, bytesMin = 0, bytesMax = Infinity } = shape
  const mayFail = failsInPlace === true && bytesMin === 0
  return (value) => {
    if (Buffer.isBuffer(value) && value.length >= bytesMin && value.length <= bytesMax) return true
    const isSmall = mayFail && typeof value === 'string' && (value.length / 4) * 3 <= bytesMax
    return isSmall || isRight(shape, value)
  }
}

function numberTest(shape: NumberShape, { isRight }: Rules): Test {
  const { whole = false, min = -Infinity, max = Infinity } = shape
  return (value) => {
    const fits = typeof value === 'number' && value >= min && value <= max
    return (fits && (!whole || Number.isSafeInteger(value))) || isRight(shape, value)
  }
}

function listTest({ of, lengthMin = 0, lengthMax = Infinity }: ListShape, rules: Rules): Test {
  const test = testOf(of, rules)
  return (value) => {
    if (!Array.isArray(value) || value.length < lengthMin || value.length > lengthMax) return false
    for (const item of value) if (rules.isAbsent(item, of) || !test(item)) return false
    return true
  }
}

type Members = Record<string, unknown>

/** Whether a member, absent or there, is right among its siblings. */
type MemberTest = (siblings: Members) => boolean

function structureTest({ members }: StructureShape, rules: Rules): Test {
  const tests = Object.entries(members).map(([name, shape]) =>
    memberTest(name, shape, { members, rules }),
  )
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
    for (const test of tests) if (!test(value as Members)) return false
    return true
  }
}

interface Family {
  readonly members: StructureShape['members']
  readonly rules: Rules
}

function memberTest(name: string, shape: Shape, { members, rules }: Family): MemberTest {
  const mayBeAbsent = absenceTest(shape, { members, rules })
  const test = testOf(shape, rules)
  const isBlob = shape.type === 'blob' && !shape.failsInPlace
  return (siblings) => {
    const value = siblings[name]
    if (value === undefined || rules.isAbsent(value, shape)) return mayBeAbsent(siblings)
    if (!isBlob || typeof value !== 'string') return test(value)
    const bytes = bytesOf(value, shape)
    if (bytes === undefined) return false
    siblings[name] = bytes
    return true
  }
}

function absenceTest({ required }: Shape, { members, rules }: Family): MemberTest {
  if (required === undefined) return () => true
  if (required === true) return () => false
  const { unless } = required
  const other = members[unless] ?? { type: 'any' }
  return (siblings) => !rules.isAbsent(siblings[unless], other)
}

function bytesOf(
  text: string,
  { bytesMin = 0, bytesMax = Infinity }: BlobShape,
): Buffer | undefined {
  const bytes = base64Bytes(text)
  return bytes < bytesMin || bytes > bytesMax ? undefined : decodeBase64(text)
}
