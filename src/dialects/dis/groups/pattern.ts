// Regular expressions of subscriptions, as the Kafka adapter sends them: those of Java, and from
// whoever may read. They are matched here without backtracking, in time linear in the length of the
// name, so that none can keep the service busy.
//
// Taken: characters and their escapes, `.`, `\d \w \s` and their opposites, sets in brackets, groups,
// `|`, `^` and `$`, and `* + ? {n,m}`, also lazy. Refused: everything that is no regular language
// (back references, looking around), and what hardly any name of a stream needs.

type Accepts = (char: string) => boolean

/** A step of the machine: it takes a character, or goes on at other steps, or is the end. */
type Step =
  | { readonly does: 'take'; readonly accepts: Accepts; next: number }
  | { readonly does: 'fork'; next: number[] }
  | { readonly does: 'start' | 'stop'; next: number }

type Node =
  | { readonly is: 'set'; readonly accepts: Accepts }
  | { readonly is: 'start' | 'stop' }
  | { readonly is: 'all'; readonly of: readonly Node[] }
  | { readonly is: 'one'; readonly of: readonly Node[] }
  | { readonly is: 'times'; readonly node: Node; readonly min: number; readonly max: number }

const STEPS_MAX = 5000
const TIMES_MAX = 100

/** Whether whole names match; nothing for a pattern that is not taken. */
export function compilePattern(source: string): ((name: string) => boolean) | undefined {
  const node = parse(source)
  const steps = node && assemble(node)
  return steps && ((name) => run(steps, name))
}

class Refused extends Error {}

interface Reading {
  readonly chars: readonly string[]
  at: number
}

function parse(source: string): Node | undefined {
  const reading: Reading = { chars: Array.from(source), at: 0 }
  try {
    const node = parseOne(reading)
    return reading.at === reading.chars.length ? node : undefined
  } catch (error) {
    if (error instanceof Refused) return undefined
    throw error
  }
}

function takes(reading: Reading, char: string): boolean {
  if (reading.chars[reading.at] !== char) return false
  reading.at++
  return true
}

function next(reading: Reading): string {
  const char = reading.chars[reading.at++]
  if (char === undefined) throw new Refused()
  return char
}

function parseOne(reading: Reading): Node {
  const of = [parseAll(reading)]
  while (takes(reading, '|')) of.push(parseAll(reading))
  return { is: 'one', of }
}

function parseAll(reading: Reading): Node {
  const of: Node[] = []
  for (;;) {
    const char = reading.chars[reading.at]
    if (char === undefined || char === '|' || char === ')') return { is: 'all', of }
    of.push(parseTimes(reading, parseAtom(reading)))
  }
}

const TIMES: Readonly<Record<string, readonly [min: number, max: number]>> = {
  '*': [0, Infinity],
  '+': [1, Infinity],
  '?': [0, 1],
}

function parseTimes(reading: Reading, node: Node): Node {
  const char = reading.chars[reading.at] ?? ''
  const times = TIMES[char] ?? (char === '{' ? parseBraces(reading) : undefined)
  if (!times) return node
  reading.at++
  takes(reading, '?') // lazy: the same names
  const [min, max] = times
  if (node.is === 'start' || node.is === 'stop') throw new Refused()
  return { is: 'times', node, min, max }
}

/** Stops before the closing brace. */
function parseBraces(reading: Reading): readonly [number, number] {
  const end = reading.chars.indexOf('}', reading.at)
  const text = reading.chars.slice(reading.at + 1, end).join('')
  const times = /^(\d{1,3})(?:(,)(\d{1,3})?)?$/.exec(text)
  if (end < 0 || !times) throw new Refused()
  reading.at = end
  const [, low, comma, high] = times
  const min = Number(low)
  const max = high === undefined ? (comma === undefined ? min : Infinity) : Number(high)
  const steps = max === Infinity ? min : max
  if (steps > TIMES_MAX || max < min) throw new Refused()
  return [min, max]
}

function parseAtom(reading: Reading): Node {
  const char = next(reading)
  switch (char) {
    case '^':
      return { is: 'start' }
    case '$':
      return { is: 'stop' }
    case '.':
      return { is: 'set', accepts: () => true }
    case '(':
      return parseGroup(reading)
    case '[':
      return { is: 'set', accepts: parseSet(reading) }
    case '\\':
      return { is: 'set', accepts: parseEscape(next(reading)) }
    default:
      if ('*+?{}])'.includes(char)) throw new Refused()
      return { is: 'set', accepts: (each) => each === char }
  }
}

function parseGroup(reading: Reading): Node {
  if (takes(reading, '?') && next(reading) !== ':') throw new Refused()
  const node = parseOne(reading)
  if (!takes(reading, ')')) throw new Refused()
  return node
}

const CLASSES: Readonly<Record<string, Accepts>> = {
  d: (char) => /^\d$/.test(char),
  w: (char) => /^\w$/.test(char),
  s: (char) => /^[ \t\n\v\f\r]$/.test(char),
}

function parseEscape(char: string): Accepts {
  const named = CLASSES[char.toLowerCase()]
  if (named) return char === char.toLowerCase() ? named : (each) => !named(each)
  if (/^[A-Za-z0-9]$/.test(char)) throw new Refused()
  return (each) => each === char
}

function parseSet(reading: Reading): Accepts {
  const isOpposite = takes(reading, '^')
  const accepts: Accepts[] = []
  do {
    accepts.push(parseRange(reading))
  } while (!takes(reading, ']'))
  return (char) => accepts.some((each) => each(char)) !== isOpposite
}

function parseRange(reading: Reading): Accepts {
  const low = next(reading)
  if (low === '\\') return parseEscape(next(reading))
  if ('[]&'.includes(low)) throw new Refused()
  const [dash, high] = reading.chars.slice(reading.at, reading.at + 2)
  if (dash !== '-' || high === undefined || high === ']') return (char) => char === low
  if ('[\\'.includes(high) || high < low) throw new Refused()
  reading.at += 2
  return (char) => char >= low && char <= high
}

/** The steps of a node, the first of them the last in the list; the end is step 0. */
function assemble(node: Node): readonly Step[] | undefined {
  const steps: Step[] = [{ does: 'fork', next: [] }]
  try {
    const first = addNode(steps, node, 0)
    add(steps, { does: 'fork', next: [first] })
    return steps
  } catch (error) {
    if (error instanceof Refused) return undefined
    throw error
  }
}

function add(steps: Step[], step: Step): number {
  if (steps.length >= STEPS_MAX) throw new Refused()
  steps.push(step)
  return steps.length - 1
}

/** Adds the steps of a node, after which `to` follows; returns the first of them. */
function addNode(steps: Step[], node: Node, to: number): number {
  switch (node.is) {
    case 'set':
      return add(steps, { does: 'take', accepts: node.accepts, next: to })
    case 'start':
    case 'stop':
      return add(steps, { does: node.is, next: to })
    case 'all':
      return node.of.reduceRight((after, each) => addNode(steps, each, after), to)
    case 'one':
      return add(steps, { does: 'fork', next: node.of.map((each) => addNode(steps, each, to)) })
    case 'times':
      return addTimes(steps, node, to)
  }
}

function addTimes(
  steps: Step[],
  { node, min, max }: Extract<Node, { is: 'times' }>,
  to: number,
): number {
  let first = to
  if (max === Infinity) {
    const fork: Step = { does: 'fork', next: [to] }
    first = add(steps, fork)
    fork.next = [addNode(steps, node, first), to]
  }
  for (let i = min; max !== Infinity && i < max; i++) {
    first = add(steps, { does: 'fork', next: [addNode(steps, node, first), to] })
  }
  for (let i = 0; i < min; i++) first = addNode(steps, node, first)
  return first
}

interface Place {
  readonly at: number
  readonly length: number
}

/** All steps that are reached at a place without taking a character. */
function reach(steps: readonly Step[], from: readonly number[], place: Place): Set<number> {
  const reached = new Set<number>()
  const waiting = [...from]
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
    const step = steps[index]
    if (!step || reached.has(index)) continue
    reached.add(index)
    if (step.does === 'fork') waiting.push(...step.next)
    if (step.does === 'start' && place.at === 0) waiting.push(step.next)
    if (step.does === 'stop' && place.at === place.length) waiting.push(step.next)
  }
  return reached
}

function run(steps: readonly Step[], name: string): boolean {
  const chars = Array.from(name)
  const length = chars.length
  let reached = reach(steps, [steps.length - 1], { at: 0, length })
  for (const [i, char] of chars.entries()) {
    const taken: number[] = []
    for (const index of reached) {
      const step = steps[index]
      if (step?.does === 'take' && step.accepts(char)) taken.push(step.next)
    }
    reached = reach(steps, taken, { at: i + 1, length })
  }
  return reached.has(0)
}
