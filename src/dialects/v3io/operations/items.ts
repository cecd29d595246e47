// GetItem, GetItems and PutItem (docs: "NoSQL Web API"), on the items that belong to streams: states of
// consumer groups and shards. It is what v3io-go's consumer groups, and so nuclio's triggers, live by.
//
// * PutItem replaces an item, or with an UpdateMode adds to its attributes. A condition is evaluated
//   in one step with the change, whichever instance is asked.
// * Both answer when the item was last modified, in the header that v3io-go parses.
// * A shard that has no records yet is no item: 404, on which consumer groups wait.
// * GetItems lists the states of groups. Answers are JSON, also to those who ask for Cap'n Proto.
// * Tables are not kept: an item anywhere else is refused.

import type { Ask, Operation, Reply } from '../../../core/dialect.ts'
import { BridgeError } from '../../../core/errors.ts'
import { decodeAttributes, encodeAttributes, pick, type Attributes } from '../attributes.ts'
import { parseCondition, type Condition } from '../conditions.ts'
import type { Directories } from '../directories.ts'
import { encodeReply } from '../encode.ts'
import { editItem, findItem, findStates, itemAt, lookIn, systemOf } from '../items.ts'
import type { Found, Item, ItemPlace, Mtime } from '../items.ts'
import { elementsOf, placeOf, streamAt, type Place } from '../names.ts'
import { CONDITION_FALSE, ITEM_EXISTS } from '../refinements.ts'

type Perform = Operation['perform']

const ITEMS_MAX = 1000

function placeIn({ call }: Ask): ItemPlace {
  const at = itemAt(placeOf(elementsOf(call.head.path)))
  if (at) return at
  throw new BridgeError(
    'not-supported',
    'Not supported here: there are no items but shards and states of consumer groups (GROUP-state.json)',
  )
}

function noItem({ stream, name }: ItemPlace): BridgeError {
  return new BridgeError('stream-not-found', `There is no item ${name} in ${stream.name}`)
}

export function createGetItem(): Perform {
  return async function getItem(ask) {
    const at = placeIn(ask)
    const found = await findItem(ask, at)
    if (!found) throw noItem(at)
    return verifiable(encodeReply({ Item: encodeItem(ask, found) }), found.item?.mtime)
  }
}

function encodeItem({ input }: Ask, { item, system }: Found): Record<string, unknown> {
  const names = textOf(input['AttributesToGet']) ?? '*'
  return encodeAttributes(pick(names, item?.attributes ?? new Map(), system))
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function verifiable(reply: Reply, mtime: Mtime | undefined): Reply {
  if (!mtime) return reply
  const { secs, nsecs } = mtime
  const verifier = `__mtime_secs==${secs} and __mtime_nsecs==${nsecs}`
  return { ...reply, headers: { ...reply.headers, 'x-v3io-transaction-verifier': verifier } }
}

export function createPutItem(): Perform {
  return async function putItem(ask) {
    const at = placeIn(ask)
    const change = readChange(ask)
    const found = at.shard === undefined ? undefined : await findItem(ask, at)
    if (at.shard !== undefined && !found) throw noItem(at)
    const item = await editItem(ask, at, (before) => {
      const isThere = found !== undefined || before !== undefined
      const system: Attributes = isThere ? systemOf(at, before, found?.last ?? 0) : new Map()
      return changed(before, change, system)
    })
    return verifiable({ status: 200, headers: {}, body: Buffer.alloc(0) }, item?.mtime)
  }
}

interface Change {
  readonly attributes: Attributes
  readonly mode: keyof typeof MODES
  readonly condition: Condition | undefined
}

/** Absent, an item is replaced. */
const MODES = {
  OverWriteAttributes: 'replaces',
  CreateOrReplaceAttributes: 'adds',
  CreateNewItemOnly: 'creates',
} as const

function readChange({ input }: Ask): Change {
  const condition = textOf(input['ConditionExpression'])
  const mode = textOf(input['UpdateMode']) ?? 'OverWriteAttributes'
  if (!Object.hasOwn(MODES, mode)) {
    throw new BridgeError('invalid-argument', `There is no UpdateMode ${mode}`)
  }
  return {
    attributes: decodeAttributes(input['Item']),
    mode: mode as keyof typeof MODES,
    condition: condition === undefined ? undefined : parseCondition(condition),
  }
}

function changed(item: Item | undefined, change: Change, system: Attributes) {
  const { attributes, mode, condition } = change
  if (condition && !condition(lookIn({ item, system }))) {
    throw new BridgeError('invalid-argument', 'The condition is false', { as: CONDITION_FALSE })
  }
  const does = MODES[mode]
  if (does === 'creates' && item) {
    throw new BridgeError('invalid-argument', 'The item exists', { as: ITEM_EXISTS })
  }
  const old = does === 'adds' ? (item?.attributes ?? new Map()) : new Map()
  return { attributes: new Map([...old, ...attributes]), body: item?.body ?? '' }
}

export function createGetItems(directories: Directories): Perform {
  return async function getItems(ask) {
    const { input, call } = ask
    const table = textOf(input['TableName'])?.split('/').filter(Boolean) ?? []
    const place = placeOf([...elementsOf(call.head.path), ...table])
    const all = await statesAt(ask, place, directories)
    const filter = textOf(input['FilterExpression'])
    const fits = filter === undefined ? () => true : parseCondition(filter)
    const marker = textOf(input['Marker']) ?? ''
    const wanted = all.filter((each) => each.name > marker && fits(lookIn(each)))
    const limit = Math.trunc(Number(input['Limit'] ?? 0))
    const items = wanted.slice(0, limit > 0 ? Math.min(limit, ITEMS_MAX) : ITEMS_MAX)
    const isLast = items.length === wanted.length
    return encodeReply({
      LastItemIncluded: isLast ? 'TRUE' : 'FALSE',
      ...(!isLast && { NextMarker: items.at(-1)?.name }),
      Items: items.map((each) => encodeItem(ask, each)),
    })
  }
}

async function statesAt(ask: Ask, place: Place, directories: Directories): Promise<Found[]> {
  const sight = await directories.look(ask.streams, place)
  if (!sight.exists) {
    const { container, path } = place
    throw new BridgeError('stream-not-found', `There is nothing at ${container}/${path}`)
  }
  const stream = sight.isStream ? streamAt(place) : undefined
  const states = stream ? await findStates(ask.streams, stream) : []
  return states.sort((a, b) => (a.name < b.name ? -1 : 1))
}
