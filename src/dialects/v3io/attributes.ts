// Attributes of items (docs: "NoSQL Web API: Attribute Object"): typed, `{"age": {"N": "30"}}`.
//
// * Numbers travel as text and are kept as that text: sequence numbers lose nothing.

import { BridgeError } from '../../core/errors.ts'
import type { Json } from '../../core/state.ts'
import { toNumber, type Value } from './conditions.ts'

/** One member, named for the type. */
export type Attribute = Readonly<Record<string, string | boolean>>

export type Attributes = ReadonlyMap<string, Attribute>

type Fits = (value: unknown) => value is string | boolean

const isText: Fits = (value): value is string => typeof value === 'string'

const TYPES: Readonly<Record<string, Fits>> = {
  S: isText,
  N: (value): value is string => isText(value) && value !== '' && Number.isFinite(Number(value)),
  B: isText,
  BOOL: (value): value is boolean => typeof value === 'boolean',
  TS: isText,
}

/** A number may also come as one: what clients write by hand. */
function normal(type: string, value: unknown): unknown {
  return type === 'N' && typeof value === 'number' ? String(value) : value
}

function readAttribute(given: unknown): Attribute | undefined {
  if (typeof given !== 'object' || given === null) return undefined
  const [[type, raw] = ['', undefined], ...more] = Object.entries(given)
  const value = normal(type, raw)
  const fits = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined
  return more.length === 0 && fits?.(value) ? { [type]: value } : undefined
}

/** What a call sent. Throws BridgeError `invalid-argument`. */
export function decodeAttributes(given: unknown): Attributes {
  return new Map(
    Object.entries(given as object).map(([name, each]) => {
      const attribute = readAttribute(each)
      if (attribute) return [name, attribute]
      throw new BridgeError('invalid-argument', `Attribute ${name} has no value of a known type`)
    }),
  )
}

/** What was kept; what is no attribute is left out. */
export function recallAttributes(kept: Json | undefined): Attributes {
  if (typeof kept !== 'object' || kept === null) return new Map()
  return new Map(
    Object.entries(kept).flatMap(([name, each]): [string, Attribute][] => {
      const attribute = readAttribute(each)
      return attribute ? [[name, attribute]] : []
    }),
  )
}

export function encodeAttributes(attributes: Attributes): Readonly<Record<string, Attribute>> {
  return Object.fromEntries(attributes)
}

/** What a condition compares. */
export function valueOf(attribute: Attribute | undefined): Value | undefined {
  if (!attribute) return undefined
  const { N: number } = attribute
  return typeof number === 'string' ? toNumber(number) : Object.values(attribute)[0]
}

/**
 * The attributes that a call names, comma-separated: `*` is all that users set, `**` the system's
 * too. Those that are not there are left out.
 */
export function pick(names: string, user: Attributes, system: Attributes): Attributes {
  const all = new Map([...user, ...system])
  const wanted = names.split(',').map((name) => name.trim())
  if (wanted.includes('**')) return all
  const picked = new Map(wanted.includes('*') ? user : [])
  for (const name of wanted) {
    const attribute = all.get(name)
    if (attribute) picked.set(name, attribute)
  }
  return picked
}
