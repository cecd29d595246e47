// One interpreter over an operation's shape: the first wrong type in declared order, then the
// broken constraints. It finds; each dialect says it in its vendor's words.

import type { Dialect } from '../../core/dialect.ts'
import type { BridgeError } from '../../core/errors.ts'
import type { ListShape, MapShape, Shape, StructureShape, TextShape } from '../../core/shape.ts'
import { decodeBase64 } from './base64.ts'

export type Rule =
  | 'type' // another JSON type
  | 'base64' // text, but not base64
  | 'required'
  | 'pattern'
  | 'min' // value, length, characters or bytes, as the shape says
  | 'max'
  | 'values'
  | 'keys' // of a map
  | 'entries' // values of a map, or elements of a list that is judged whole

/** Something wrong with one member. */
export interface Finding {
  readonly rule: Rule
  /** Member names and list indices (from 0), outermost first. */
  readonly path: readonly (string | number)[]
  readonly shape: Shape
  readonly value: unknown
}

type Path = readonly (string | number)[]

/** `null` means absent everywhere: vendors' clients send it for members they leave out. */
function isAbsent(value: unknown, shape: Shape): boolean {
  return value === undefined || value === null || (value === '' && shape.emptyIsAbsent === true)
}

function isStructure(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const IS_OF_TYPE: Record<Shape['type'], (value: unknown) => boolean> = {
  text: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  time: (value) => typeof value === 'number' || value instanceof Date,
  flag: (value) => typeof value === 'boolean',
  blob: (value) => typeof value === 'string' || Buffer.isBuffer(value),
  list: (value) => Array.isArray(value),
  map: isStructure,
  structure: isStructure,
  any: () => true,
}

/** The first member, in declared order, that has another type than its shape. */
function findWrongType(shape: Shape, value: unknown, path: Path = []): Finding | undefined {
  if (isAbsent(value, shape)) return undefined
  if (!IS_OF_TYPE[shape.type](value)) return { rule: 'type', path, shape, value }
  if (shape.type === 'blob' && !shape.failsInPlace && !isBase64(value)) {
    return { rule: 'base64', path, shape, value }
  }
  return findWrongTypeWithin(shape, value, path)
}

function isBase64(value: unknown): boolean {
  return typeof value !== 'string' || decodeBase64(value) !== undefined
}

function findWrongTypeWithin(shape: Shape, value: unknown, path: Path): Finding | undefined {
  switch (shape.type) {
    case 'number':
      if (!shape.whole || Number.isSafeInteger(value)) return undefined
      return { rule: 'type', path, shape, value }
    case 'list':
      return firstOf(value as unknown[], (item, i) => findWrongType(shape.of, item, [...path, i]))
    case 'map':
      return firstOf(Object.entries(value as object), ([key, item]) =>
        typeof item === 'string'
          ? undefined
          : { rule: 'type', path: [...path, key], shape: { type: 'text' }, value: item },
      )
    case 'structure':
      return firstOf(Object.entries(shape.members), ([name, member]) =>
        findWrongType(member, (value as Record<string, unknown>)[name], [...path, name]),
      )
    default:
      return undefined
  }
}

function firstOf<T>(
  items: readonly T[],
  find: (item: T, index: number) => Finding | undefined,
): Finding | undefined {
  for (const [i, item] of items.entries()) {
    const finding = find(item, i)
    if (finding) return finding
  }
  return undefined
}

/** Broken constraints in declared order, `most` at the most. The types must be right already. */
function findBroken(shape: StructureShape, input: unknown, most: number): Finding[] {
  const findings: Finding[] = []
  const add = (finding: Finding): void => {
    if (findings.length < most) findings.push(finding)
  }
  checkStructure(shape, input as Record<string, unknown>, { path: [], add })
  return findings
}

interface Walk {
  readonly path: Path
  readonly add: (finding: Finding) => void
}

function checkStructure(
  { members }: StructureShape,
  value: Readonly<Record<string, unknown>>,
  { path, add }: Walk,
): void {
  for (const [name, shape] of Object.entries(members)) {
    const walk = { path: [...path, name], add }
    const member = value[name]
    if (!isAbsent(member, shape)) checkValue(shape, member, walk)
    else if (isRequired(shape, members, value)) {
      add({ rule: 'required', path: walk.path, shape, value: member })
    }
  }
}

function isRequired(
  { required }: Shape,
  members: StructureShape['members'],
  siblings: Readonly<Record<string, unknown>>,
): boolean {
  if (required === undefined) return false
  return required === true || isAbsent(siblings[required.unless], members[required.unless] ?? ANY)
}

const ANY: Shape = { type: 'any' }

function checkValue(shape: Shape, value: unknown, walk: Walk): void {
  const { path, add } = walk
  for (const rule of brokenRules(shape, value)) add({ rule, path, shape, value })
  if (shape.type === 'structure') checkStructure(shape, value as Record<string, unknown>, walk)
  if (shape.type === 'list') checkList(shape, value as unknown[], walk)
}

/** The rules that a value breaks by itself: its pattern before its size, as vendors do. */
function brokenRules(shape: Shape, value: unknown): Rule[] {
  const broken: readonly (readonly [Rule, boolean])[] = [
    ['pattern', shape.type === 'text' && !fitsPattern(shape, value as string)],
    ...sizeRules(sizeOf(shape, value)),
    ['values', shape.type === 'text' && shape.values?.includes(value as string) === false],
    ['keys', shape.type === 'map' && !keysFit(shape, value as Record<string, string>)],
    ['entries', !entriesFit(shape, value)],
  ]
  return broken.flatMap(([rule, isBroken]) => (isBroken ? [rule] : []))
}

function sizeRules({ is, min = -Infinity, max = Infinity }: Size): [Rule, boolean][] {
  return [
    ['min', is < min],
    ['max', is > max],
  ]
}

function fitsPattern({ pattern }: TextShape, value: string): boolean {
  return pattern === undefined || patternOf(pattern).test(value)
}

function checkList({ of, judgedWhole }: ListShape, items: readonly unknown[], walk: Walk): void {
  if (judgedWhole) return
  const { path, add } = walk
  for (const [i, item] of items.entries()) {
    const step = { path: [...path, i], add }
    if (isAbsent(item, of)) add({ rule: 'required', path: step.path, shape: of, value: item })
    else checkValue(of, item, step)
  }
}

interface Size {
  readonly is: number
  readonly min: number | undefined
  readonly max: number | undefined
}

/** What a shape's limits count, and the limits. */
function sizeOf(shape: Shape, value: unknown): Size {
  switch (shape.type) {
    case 'text':
      return { is: charsOf(value as string), min: shape.charsMin, max: shape.charsMax }
    case 'number':
      return { is: value as number, min: shape.min, max: shape.max }
    case 'blob':
      return { is: blobBytes(value), min: shape.bytesMin, max: shape.bytesMax }
    case 'list':
      return { is: (value as unknown[]).length, min: shape.lengthMin, max: shape.lengthMax }
    case 'map':
      return { is: Object.keys(value as object).length, min: shape.sizeMin, max: shape.sizeMax }
    default:
      return { is: 0, min: undefined, max: undefined }
  }
}

/** Bytes of a blob, decoded or still base64 text. */
export function blobBytes(value: unknown): number {
  if (typeof value !== 'string') return (value as Buffer).length
  return decodeBase64(value)?.length ?? 0
}

/** Characters as vendors count them: Unicode code points. */
function charsOf(text: string): number {
  let chars = text.length
  for (let i = 0; i < text.length - 1; i++) {
    if ((text.charCodeAt(i) & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      chars--
    }
  }
  return chars
}

function keysFit({ keyCharsMax = Infinity }: MapShape, value: Readonly<Record<string, string>>) {
  return Object.keys(value).every((key) => key.length > 0 && charsOf(key) <= keyCharsMax)
}

function entriesFit(shape: Shape, value: unknown): boolean {
  if (shape.type === 'map') {
    const { valueCharsMax = Infinity } = shape
    return Object.values(value as Record<string, string>).every(
      (text) => charsOf(text) <= valueCharsMax,
    )
  }
  if (shape.type !== 'list' || !shape.judgedWhole) return true
  return (value as unknown[]).every(
    (item) => !isAbsent(item, shape.of) && brokenRules(shape.of, item).length === 0,
  )
}

const patterns = new Map<string, RegExp>()

/** Patterns hold for the whole text. The tables' patterns are few, so they are kept. */
function patternOf(source: string): RegExp {
  const known = patterns.get(source)
  if (known) return known
  const pattern = new RegExp(`^(?:${source})$`, 'u')
  patterns.set(source, pattern)
  return pattern
}

/** How one vendor says what was found. */
export interface Words {
  readonly wrongType: (finding: Finding) => BridgeError
  readonly broken: (findings: readonly Finding[]) => BridgeError
  readonly findingsMax: number
}

/** A dialect's `check` over the shapes of its operations. */
export function checkWith(
  operations: Readonly<Record<string, { readonly input: StructureShape }>>,
  words: Words,
): Dialect['check'] {
  return (operation, input) => {
    const shape = operations[operation]?.input
    if (!shape) return
    const wrong = findWrongType(shape, input)
    if (wrong) throw words.wrongType(wrong)
    const broken = findBroken(shape, input, words.findingsMax)
    if (broken.length > 0) throw words.broken(broken)
  }
}
