// The judge. It holds what was submitted and answered, is shown what lies in the log, and compares
// the two by record.
//
// A record is *clear* when every attempt but its last was answered "not written", or shares its
// invocation id, and the instance that remembers it, with the last. Clear records must be in the
// log once at the most and in order. Of the others the reason is kept why a client sent them again
// although they may have been stored:
//
//   unknown   an answer that does not say whether they are stored
//   unread    a reply that was never read, with nothing by which the service could know them again
//   instance  such a reply of an instance that was killed, or replaced before the next attempt
//
// Lost and misplaced are judged for all records alike. Order is judged per key and partition, since
// a topic that grows moves keys: by the order of calls, and of records within a call.

export type Doubt = 'unknown' | 'unread' | 'instance'

export interface Place {
  readonly partition: number
  readonly offset: number
}

export interface Sent {
  /** Rises with every call of the lane, and with every record within one. */
  readonly order: number
  /** Number of the instance that it was sent to. */
  readonly instance: number
}

export interface Lane {
  readonly id: number
  readonly dialect: string
  readonly topic: string
  /** Enters new records of one key; answers the number of the first. */
  readonly submit: (key: number, count: number) => number
  /** It is on its way, for the first time or again. */
  readonly sent: (record: number, sent: Sent) => void
  /** It was sent again although an earlier attempt may have stored it. */
  readonly doubted: (record: number, doubt: Doubt) => void
  readonly stored: (record: number, place: Place) => void
  /** The last word on it is that it was not written. */
  readonly denied: (record: number) => void
  /** Nobody knows, and it is not sent again. */
  readonly leftOpen: (record: number) => void
}

/** A record as it lies in the log; the offsets of a partition must be shown in their order. */
export interface Seen extends Place {
  readonly topic: string
  readonly lane: number
  readonly record: number
  /** The key and the whole content are those that were sent. */
  readonly intact: boolean
}

export interface Resent {
  readonly records: number
  readonly doubled: number
  readonly inverted: number
}

export interface Account {
  readonly submitted: number
  readonly acknowledged: number
  /** Acknowledged, and nowhere in the log. */
  readonly lost: number
  /** Acknowledged, and not where it was said to be. */
  readonly misplaced: number
  /** Clear records that are in the log more than once. */
  readonly doubled: number
  /** Clear records that lie behind a later one. */
  readonly inverted: number
  /** Said to be not written, and stored. */
  readonly belied: number
  /** In the log with another key or content. */
  readonly damaged: number
  readonly denied: number
  readonly openStored: number
  readonly openAbsent: number
  /** Left open, and stored by an instance that ended, behind what the next one wrote. */
  readonly openLate: number
  readonly resent: Readonly<Record<Doubt, Resent>>
}

export interface Ledger {
  readonly openLane: (dialect: string, topic: string) => Lane
  readonly see: (seen: Seen) => void
  readonly accounts: () => ReadonlyMap<string, Account>
  /** Records in the log that nobody submitted. */
  readonly strangers: () => number
  readonly acknowledged: () => number
}

const NONE = 0
const STORED = 1
const DENIED = 2
const OPEN = 3

const DOUBTS: readonly Doubt[] = ['unknown', 'unread', 'instance']

/** What is known of the records of one lane, in columns. */
interface Book {
  readonly lane: Lane
  readonly keys: number[]
  readonly states: number[]
  readonly partitions: number[]
  readonly offsets: number[]
  readonly orders: number[]
  readonly instances: number[]
  /** 0, or 1 + the place in DOUBTS; the gravest one stays. */
  readonly doubts: number[]
  readonly copies: number[]
  readonly inPlace: boolean[]
  readonly damaged: Set<number>
  readonly inverted: Set<number>
  readonly late: Set<number>
  /** By key and partition, the last of the clear ones, and of all. */
  readonly lastClear: Map<string, { readonly order: number; readonly instance: number }>
  readonly lastNumber: Map<string, number>
}

export function createLedger(): Ledger {
  const books: Book[] = []
  let strangers = 0
  return {
    strangers: () => strangers,
    openLane(dialect, topic) {
      const book = createBook(books.length, dialect, topic)
      books.push(book)
      return book.lane
    },
    see(seen) {
      const book = books[seen.lane]
      if (book?.lane.topic !== seen.topic || book.keys[seen.record] === undefined) strangers++
      else enter(book, seen)
    },
    accounts() {
      const dialects = [...new Set(books.map(({ lane }) => lane.dialect))]
      return new Map(
        dialects.map((dialect) => {
          const those = books.filter(({ lane }) => lane.dialect === dialect)
          return [dialect, sumUp(those.map(settle))]
        }),
      )
    },
    acknowledged: () =>
      books.reduce((sum, { states }) => sum + states.filter((s) => s === STORED).length, 0),
  }
}

function createBook(id: number, dialect: string, topic: string): Book {
  const columns = {
    ...{ keys: [], states: [], partitions: [], offsets: [], orders: [], instances: [] },
    ...{ doubts: [], copies: [], inPlace: [], damaged: new Set<number>() },
    ...{ inverted: new Set<number>(), late: new Set<number>() },
    ...{ lastClear: new Map(), lastNumber: new Map() },
  } as Omit<Book, 'lane'>
  const { keys, states, copies, doubts, inPlace } = columns
  const lane: Lane = {
    ...{ id, dialect, topic },
    submit(key, count) {
      const first = keys.length
      for (let i = 0; i < count; i++) {
        keys.push(key)
        states.push(NONE)
        copies.push(0)
        doubts.push(0)
        inPlace.push(false)
      }
      return first
    },
    sent(record, { order, instance }) {
      columns.orders[record] = order
      columns.instances[record] = instance
    },
    doubted(record, doubt) {
      doubts[record] = Math.max(doubts[record] ?? 0, 1 + DOUBTS.indexOf(doubt))
    },
    stored(record, { partition, offset }) {
      states[record] = STORED
      columns.partitions[record] = partition
      columns.offsets[record] = offset
    },
    denied(record) {
      states[record] = DENIED
    },
    leftOpen(record) {
      states[record] = OPEN
    },
  }
  return { lane, ...columns }
}

function enter(book: Book, { record, partition, offset, intact }: Seen): void {
  const copy = (book.copies[record] = (book.copies[record] ?? 0) + 1)
  if (book.partitions[record] === partition && book.offsets[record] === offset) {
    book.inPlace[record] = true
  }
  if (!intact) book.damaged.add(record)
  const where = `${book.keys[record]}/${partition}`
  if (book.doubts[record] === 0 && copy === 1) compareClear(book, record, where)
  const before = book.lastNumber.get(where) ?? -1
  if (book.doubts[record] !== 0 && record < before) book.inverted.add(record)
  book.lastNumber.set(where, Math.max(before, record))
}

function compareClear(book: Book, record: number, where: string): void {
  const order = book.orders[record] ?? -1
  const instance = book.instances[record] ?? -1
  const last = book.lastClear.get(where)
  if (last === undefined || order > last.order) book.lastClear.set(where, { order, instance })
  else if (book.states[record] === OPEN && instance !== last.instance) book.late.add(record)
  else book.inverted.add(record)
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
type Tally = Mutable<Omit<Account, 'resent'>> & { resent: Record<Doubt, Mutable<Resent>> }

function emptyTally(): Tally {
  const resent = () => ({ records: 0, doubled: 0, inverted: 0 })
  return {
    ...{ submitted: 0, acknowledged: 0, lost: 0, misplaced: 0, doubled: 0, inverted: 0 },
    ...{ belied: 0, damaged: 0, denied: 0, openStored: 0, openAbsent: 0, openLate: 0 },
    resent: { unknown: resent(), unread: resent(), instance: resent() },
  }
}

function settle(book: Book): Tally {
  const tally = emptyTally()
  tally.submitted = book.keys.length
  tally.damaged = book.damaged.size
  tally.openLate = book.late.size
  for (const [record, state] of book.states.entries()) {
    const copies = book.copies[record] ?? 0
    const doubt = book.doubts[record] ?? 0
    settleAnswer(tally, state, { copies, inPlace: book.inPlace[record] ?? false })
    if (doubt === 0 && state === DENIED && copies > 0) tally.belied++
    const column = doubt === 0 ? tally : tally.resent[DOUBTS[doubt - 1]!]
    if (copies > 1) column.doubled++
    if (book.inverted.has(record)) column.inverted++
    if ('records' in column) column.records++
  }
  return tally
}

function settleAnswer(
  tally: Tally,
  state: number,
  { copies, inPlace }: { readonly copies: number; readonly inPlace: boolean },
): void {
  if (state === STORED) {
    tally.acknowledged++
    if (copies === 0) tally.lost++
    else if (!inPlace) tally.misplaced++
  } else if (state === DENIED) tally.denied++
  else if (copies > 0) tally.openStored++
  else tally.openAbsent++
}

/** Adds up numbers, and the numbers of members. */
export function sumUp(accounts: readonly Account[]): Account {
  const sum = emptyTally()
  for (const account of accounts) {
    for (const [name, value] of Object.entries(account)) {
      if (typeof value === 'number') sum[name as Exclude<keyof Tally, 'resent'>] += value
    }
    for (const doubt of DOUBTS) {
      sum.resent[doubt].records += account.resent[doubt].records
      sum.resent[doubt].doubled += account.resent[doubt].doubled
      sum.resent[doubt].inverted += account.resent[doubt].inverted
    }
  }
  return sum
}

/** What must be nought, and is not: a line each. */
export function violations(account: Account): string[] {
  const { lost, misplaced, doubled, inverted, belied, damaged } = account
  return Object.entries({ lost, misplaced, doubled, inverted, belied, damaged })
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name}: ${count}`)
}
