// Condition expressions (docs: "Expressions: Condition Expression"), as far as consumer groups need
// them: comparisons, exists() and not_exists(), IN, AND, OR, NOT and parentheses, words in any case.
//
// * A comparison with an attribute that is not there is false, whatever it compares.
// * Whole numbers are compared exactly, however large. A number never equals a text.
// * Arithmetic, arrays and functions on texts are not evaluated, and refused.

import { BridgeError } from '../../core/errors.ts'

export type Value = bigint | number | string | boolean

/** The value of an attribute; nothing where there is none. */
export type Look = (name: string) => Value | undefined

export type Condition = (look: Look) => boolean

const CHARS_MAX = 4096
const DEPTH_MAX = 32

const TOKENS =
  /\s*(?:(?<number>-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)|(?<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?<name>[a-z_][\w.-]*)|(?<sign>==|!=|<=|>=|[<>(),]))/iy

const KINDS = ['number', 'text', 'name', 'sign'] as const
type Kind = (typeof KINDS)[number]

interface Token {
  readonly kind: Kind
  readonly text: string
}

function refuse(why: string): BridgeError {
  return new BridgeError('invalid-argument', `The condition cannot be evaluated: ${why}`)
}

function tokensOf(expression: string): Token[] {
  if (expression.length > CHARS_MAX) throw refuse(`it is longer than ${CHARS_MAX} characters`)
  const tokens: Token[] = []
  const text = expression.trimEnd()
  TOKENS.lastIndex = 0
  for (let at = 0; at < text.length; at = TOKENS.lastIndex) {
    TOKENS.lastIndex = at
    const groups: Partial<Record<string, string>> = TOKENS.exec(text)?.groups ?? {}
    const kind = KINDS.find((each) => groups[each] !== undefined)
    if (!kind) throw refuse(`at character ${at + 1}`)
    tokens.push({ kind, text: groups[kind] ?? '' })
  }
  return tokens
}

const COMPARISONS: Readonly<Record<string, (left: Value, right: Value) => boolean>> = {
  '==': isEqual,
  '!=': (left, right) => !isEqual(left, right),
  '<': (left, right) => isOrdered(left, right) && left < right,
  '<=': (left, right) => isOrdered(left, right) && left <= right,
  '>': (left, right) => isOrdered(left, right) && left > right,
  '>=': (left, right) => isOrdered(left, right) && left >= right,
}

function isNumber(value: Value): value is bigint | number {
  return typeof value === 'bigint' || typeof value === 'number'
}

function isOrdered(left: Value, right: Value): boolean {
  return isNumber(left) ? isNumber(right) : typeof left === typeof right
}

function isEqual(left: Value, right: Value): boolean {
  if (!isNumber(left) || !isNumber(right)) return left === right
  return !(left < right) && !(left > right)
}

/** The number of a text: exact where it is whole. */
export function toNumber(text: string): bigint | number {
  return /^-?\d+$/.test(text) ? BigInt(text) : Number(text)
}

/** Throws BridgeError `invalid-argument` for what is no condition, or one of other kinds. */
export function parseCondition(expression: string): Condition {
  const cursor = createCursor(tokensOf(expression))
  const condition = either(cursor, 0)
  cursor.end()
  return condition
}

interface Cursor {
  /** Goes past one of these words, if it comes next, and returns it in small letters. */
  readonly takes: (...words: string[]) => string | undefined
  readonly needs: (word: string) => void
  readonly next: () => Token | undefined
  readonly end: () => void
}

function createCursor(tokens: readonly Token[]): Cursor {
  let at = 0

  function takes(...words: string[]): string | undefined {
    const token = tokens[at]
    const word = token?.text.toLowerCase() ?? ''
    if (!(token?.kind === 'name' || token?.kind === 'sign')) return undefined
    if (!words.includes(word)) return undefined
    at++
    return word
  }

  return {
    takes,
    needs(word) {
      if (takes(word) === undefined) throw refuse(`${word} is missing`)
    },
    next: () => tokens[at++],
    end() {
      if (at < tokens.length) throw refuse(`${tokens[at]?.text ?? ''} is not expected`)
    },
  }
}

// By descent: OR, over AND, over NOT, over what stands alone.

function either(cursor: Cursor, depth: number): Condition {
  if (depth > DEPTH_MAX) throw refuse('it is nested too deeply')
  const parts = [both(cursor, depth)]
  while (cursor.takes('or')) parts.push(both(cursor, depth))
  return (look) => parts.some((part) => part(look))
}

function both(cursor: Cursor, depth: number): Condition {
  const parts = [single(cursor, depth)]
  while (cursor.takes('and')) parts.push(single(cursor, depth))
  return (look) => parts.every((part) => part(look))
}

function single(cursor: Cursor, depth: number): Condition {
  if (depth > DEPTH_MAX) throw refuse('it is nested too deeply')
  if (cursor.takes('not')) {
    const inner = single(cursor, depth + 1)
    return (look) => !inner(look)
  }
  if (cursor.takes('(')) {
    const inner = either(cursor, depth + 1)
    cursor.needs(')')
    return inner
  }
  const wanted = cursor.takes('exists', 'not_exists')
  return wanted === undefined ? comparison(cursor) : presence(cursor, wanted === 'exists')
}

function presence(cursor: Cursor, wanted: boolean): Condition {
  cursor.needs('(')
  const token = cursor.next()
  if (token?.kind !== 'name') throw refuse('a function wants an attribute')
  cursor.needs(')')
  return (look) => (look(token.text) !== undefined) === wanted
}

type Operand = (look: Look) => Value | undefined

function comparison(cursor: Cursor): Condition {
  const left = operand(cursor)
  if (cursor.takes('in')) return membership(cursor, left)
  const compare = COMPARISONS[cursor.takes(...Object.keys(COMPARISONS)) ?? '']
  if (!compare) return (look) => left(look) === true
  const right = operand(cursor)
  return (look) => {
    const [one, other] = [left(look), right(look)]
    return one !== undefined && other !== undefined && compare(one, other)
  }
}

function membership(cursor: Cursor, left: Operand): Condition {
  cursor.needs('(')
  const values = [operand(cursor)]
  while (cursor.takes(',')) values.push(operand(cursor))
  cursor.needs(')')
  return (look) => {
    const wanted = left(look)
    const known = values.map((value) => value(look)).filter((value) => value !== undefined)
    return wanted !== undefined && known.some((value) => isEqual(wanted, value))
  }
}

function operand(cursor: Cursor): Operand {
  const token = cursor.next()
  if (!token || token.kind === 'sign') throw refuse('a value is missing')
  if (token.kind === 'name') return named(token.text)
  const value = token.kind === 'number' ? toNumber(token.text) : unquote(token.text)
  return () => value
}

function named(name: string): Operand {
  const word = name.toLowerCase()
  if (word === 'true' || word === 'false') return () => word === 'true'
  return (look) => look(name)
}

function unquote(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/gs, '$1')
}
