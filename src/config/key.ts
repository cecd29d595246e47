// What a configuration key can be: a default, a sentence, and how to read a value for it, from YAML
// (typed) or from the environment (text).

export type Schema = Readonly<Record<string, unknown>>

/** One key. `read` answers the value, or nothing where `raw` is not one. */
export interface Key<Value> {
  readonly kind: 'key'
  readonly default: Value
  /** One sentence, for the reference. */
  readonly about: string
  /** What a value must be, for the message that refuses another. */
  readonly expected: string
  /** The same as JSON Schema, for those who check a file before it gets here. */
  readonly schema: Schema
  readonly read: (raw: unknown) => Value | undefined
  /** Its environment variable, where it is not TRIBUTARY_ and the path. */
  readonly env?: string
  /** Never shown; may be given as a file by a variable that ends in _FILE. */
  readonly secret?: boolean
  /** Cannot be given in the environment. */
  readonly yamlOnly?: boolean
}

export interface Options {
  readonly env?: string
}

function key<Value>(definition: Omit<Key<Value>, 'kind'>): Key<Value> {
  return { kind: 'key', ...definition }
}

function wholeOf(raw: unknown): number | undefined {
  const number = typeof raw === 'string' && /^-?\d+$/.test(raw) ? Number(raw) : raw
  return Number.isSafeInteger(number) ? (number as number) : undefined
}

export interface Range {
  readonly min: number
  readonly max?: number
}

/** A whole number; names of keys end in the unit. */
export function whole(value: number, about: string, range: Range & Options): Key<number> {
  const { min, max = Number.MAX_SAFE_INTEGER, ...options } = range
  return key({
    default: value,
    about,
    expected:
      range.max === undefined
        ? `a whole number from ${min}`
        : `a whole number from ${min} to ${max}`,
    schema: { type: 'integer', minimum: min, maximum: max },
    read: (raw) => {
      const number = wholeOf(raw)
      return number !== undefined && number >= min && number <= max ? number : undefined
    },
    ...options,
  })
}

const PORT_MAX = 65_535

/** A port to listen on: 0 takes any free one, `off` none. */
export function port(value: number | 'off', about: string): Key<number | 'off'> {
  return key<number | 'off'>({
    default: value,
    about,
    expected: `a port from 0 to ${PORT_MAX} (0: any free one) or off`,
    schema: {
      anyOf: [{ type: 'integer', minimum: 0, maximum: PORT_MAX }, { enum: ['off', false] }],
    },
    read: (raw) => {
      // YAML 1.1 readers and people write `off` for false.
      if (raw === 'off' || raw === false) return 'off'
      const number = wholeOf(raw)
      return number !== undefined && number >= 0 && number <= PORT_MAX ? number : undefined
    },
  })
}

export function text(value: string, about: string, options: Options = {}): Key<string> {
  return key({
    default: value,
    about,
    expected: 'text',
    schema: { type: 'string' },
    read: (raw) => (typeof raw === 'string' ? raw : undefined),
    ...options,
  })
}

const OWN_TOPIC = /^_[A-Za-z0-9._-]{1,248}$/

/** A topic of the service's own: a name that no stream can have. */
export function ownTopic(value: string, about: string): Key<string> {
  return key({
    default: value,
    about,
    expected: 'a topic name that begins with _',
    schema: { type: 'string', pattern: OWN_TOPIC.source },
    read: (raw) => (typeof raw === 'string' && OWN_TOPIC.test(raw) ? raw : undefined),
  })
}

/** Text that no log, message or page ever shows. */
export function secret(about: string, options: Options = {}): Key<string> {
  return { ...text('', about, options), secret: true }
}

export function flag(value: boolean, about: string, options: Options = {}): Key<boolean> {
  return key({
    default: value,
    about,
    expected: 'true or false',
    schema: { type: 'boolean' },
    read: (raw) => {
      if (typeof raw === 'boolean') return raw
      return raw === 'true' || raw === 'false' ? raw === 'true' : undefined
    },
    ...options,
  })
}

export function choice<const Value extends string>(
  values: readonly Value[],
  about: string,
  options: Options = {},
): Key<Value> {
  const [first] = values
  if (first === undefined) throw new Error('a choice has values')
  return key<Value>({
    default: first,
    about,
    expected: `one of ${values.join(', ')}`,
    schema: { enum: values },
    read: (raw) => values.find((value) => value === raw),
    ...options,
  })
}

/** A list of texts; in the environment separated by commas. */
export function list(
  about: string,
  options: Options & { readonly default?: readonly string[] } = {},
): Key<readonly string[]> {
  return key<readonly string[]>({
    default: [],
    about,
    expected: 'a list of texts (in the environment: separated by commas)',
    schema: { type: 'array', items: { type: 'string' } },
    read: (raw) => {
      const items: unknown = typeof raw === 'string' ? raw.split(',') : raw
      if (!Array.isArray(items) || !items.every((item) => typeof item === 'string'))
        return undefined
      return items.map((item) => item.trim()).filter((item) => item !== '')
    },
    ...options,
  })
}

/** Text by name, in YAML only. */
export function table(about: string): Key<Readonly<Record<string, string>>> {
  return key<Readonly<Record<string, string>>>({
    default: {},
    about,
    expected: 'a map from text to text',
    schema: { type: 'object', additionalProperties: { type: 'string' } },
    yamlOnly: true,
    read: (raw) => {
      if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return undefined
      const entries = Object.entries(raw)
      const sound = entries.every(([, value]) => typeof value === 'string')
      return sound ? Object.fromEntries(entries) : undefined
    },
  })
}

export interface Keys {
  readonly [name: string]: Key<unknown> | Keys
}

/** The values of a table of keys. */
export type ValuesOf<T> = {
  readonly [K in keyof T]: T[K] extends Key<infer Value> ? Value : ValuesOf<T[K]>
}

export function isKey(entry: Key<unknown> | Keys): entry is Key<unknown> {
  return entry.kind === 'key'
}
