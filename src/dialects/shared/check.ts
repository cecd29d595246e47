// One interpreter over an operation's shape: the first wrong type in declared order, then the
// broken constraints. It finds; each dialect says it in its vendor's words.

import type { Dialect } from '../../core/dialect.ts'
import type { BridgeError } from '../../core/errors.ts'
import type { ListShape, MapShape, Shape, StructureShape, TextShape } from '../../core/shape.ts'
import { decodeBase64 } from './base64.ts'
import { brokenSize, charsOf } from './size.ts'
import { testOf } from './flawless.ts'

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

/** Where a walk is, outermost first: one list for all of it, of which a finding takes a copy. */
type Path = (string | number)[]

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
  if (!IS_OF_TYPE[shape.type](value)) return { rule: 'type', path: [...path], shape, value }
  if (shape.type === 'blob' && !shape.failsInPlace && !isBase64(value)) {
    return { rule: 'base64', path: [...path], shape, value }
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
      return { rule: 'type', path: [...path], shape, value }
    case 'list':
      return findWrongElement(shape, value as unknown[], path)
    case 'map':
      return findWrongEntry(value as object, path)
    case 'structure':
      return findWrongMember(shape, value as Readonly<Record<string, unknown>>, path)
    default:
      return undefined
  }
}

function findWrongElement(
  { of }: ListShape,
  items: readonly unknown[],
  path: Path,
): Finding | undefined {
  for (let i = 0; i < items.length; i++) {
    path.push(i)
    const finding = findWrongType(of, items[i], path)
    path.pop()
    if (finding) return finding
  }
  return undefined
}

function findWrongEntry(value: object, path: Path): Finding | undefined {
  for (const [key, item] of Object.entries(value)) {
    if (typeof item === 'string') continue
    return { rule: 'type', path: [...path, key], shape: { type: 'text' }, value: item }
  }
  return undefined
}

function findWrongMember(
  { members }: StructureShape,
  value: Readonly<Record<string, unknown>>,
  path: Path,
): Finding | undefined {
  for (const [name, member] of entriesOf(members)) {
    path.push(name)
    const finding = findWrongType(member, value[name], path)
    path.pop()
    if (finding) return finding
  }
  return undefined
}

const entries = new WeakMap<object, readonly (readonly [string, Shape])[]>()

/** The tables' members are few and never change, so they are kept as lists. */
function entriesOf(members: StructureShape['members']): readonly (readonly [string, Shape])[] {
  const known = entries.get(members)
  if (known) return known
  const listed = Object.entries(members)
  entries.set(members, listed)
  return listed
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
  walk: Walk,
): void {
  const { path, add } = walk
  for (const [name, shape] of entriesOf(members)) {
    const member = value[name]
    path.push(name)
    if (!isAbsent(member, shape)) checkValue(shape, member, walk)
    else if (isRequired(shape, members, value)) {
      add({ rule: 'required', path: [...path], shape, value: member })
    }
    path.pop()
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
  for (const rule of brokenRules(shape, value)) add({ rule, path: [...path], shape, value })
  if (shape.type === 'structure') checkStructure(shape, value as Record<string, unknown>, walk)
  if (shape.type === 'list') checkList(shape, value as unknown[], walk)
}

/** The rules that a value breaks by itself: its pattern before its size, as vendors do. */
function brokenRules(shape: Shape, value: unknown): readonly Rule[] {
  const broken: Rule[] = []
  if (shape.type === 'text' && !fitsPattern(shape, value as string)) broken.push('pattern')
  const size = brokenSize(shape, value)
  if (size) broken.push(size)
  if (shape.type === 'text' && shape.values?.includes(value as string) === false) {
    broken.push('values')
  }
  if (shape.type === 'map' && !keysFit(shape, value as Record<string, string>)) broken.push('keys')
  if (!entriesFit(shape, value)) broken.push('entries')
  return broken
}

function fitsPattern({ pattern }: TextShape, value: string): boolean {
  return pattern === undefined || patternOf(pattern).test(value)
}

function checkList({ of, judgedWhole }: ListShape, items: readonly unknown[], walk: Walk): void {
  if (judgedWhole) return
  const { path, add } = walk
  for (const [i, item] of items.entries()) {
    path.push(i)
    if (isAbsent(item, of)) add({ rule: 'required', path: [...path], shape: of, value: item })
    else checkValue(of, item, walk)
    path.pop()
  }
}

/** A value by itself, of a shape that holds no other shapes. */
function isRight(shape: Shape, value: unknown): boolean {
  return findWrongType(shape, value) === undefined && brokenRules(shape, value).length === 0
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
  const rules = { isAbsent, isRight, wholeOf: patternOf }
  const tests = new Map(
    Object.entries(operations).map(([name, { input }]) => [name, testOf(input, rules)]),
  )
  return (operation, input) => {
    const shape = operations[operation]?.input
    if (!shape || tests.get(operation)?.(input)) return
    const wrong = findWrongType(shape, input)
    if (wrong) throw words.wrongType(wrong)
    const broken = findBroken(shape, input, words.findingsMax)
    if (broken.length > 0) throw words.broken(broken)
  }
}
