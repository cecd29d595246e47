// What went into streams and came out of them, minute by minute, for vendors that let their clients
// ask. It is counted where records pass, by topic and shard, and kept in this process's memory: each
// instance knows its own share since its start, and no more.
//
// * A point is one minute of one stream or of one of its shards. Minutes without traffic take no room.
// * Points are bounded in number; the oldest go first, and all that are older than a week.

/** What one minute had. Bytes are of data and keys. */
export interface Counts {
  readonly records: number
  readonly bytes: number
  readonly requests: number
  /** Of all requests together. */
  readonly requestMs: number
  /** Requests that were refused for load, or some of whose records were. */
  readonly throttled: number
}

export type Way = 'put' | 'get'

export interface Point extends Readonly<Record<Way, Counts>> {
  /** Its first millisecond since 1970. */
  readonly minuteMs: number
}

/** Counts that grow. */
export type Tally = { -readonly [Name in keyof Counts]: number }

/** What a minute has of a stream, or of one of its shards. A shard's are of records alone. */
type Minute = Record<Way, Tally>

/** A stream's minute, to be added to. */
export interface StreamMinute {
  readonly all: Minute
  readonly of: (shard: number) => Minute
}

export interface Period {
  readonly topic: string
  /** Absent: of all shards together. */
  readonly shard?: number | undefined
  /** Milliseconds since 1970; `untilMs` is not included. */
  readonly fromMs: number
  readonly untilMs: number
}

export interface Traffic {
  /** The present minute of a topic: whoever passes records adds them at once, and keeps nothing. */
  readonly minuteOf: (topic: string) => StreamMinute
  /** Minutes that had traffic, oldest first. */
  readonly points: (period: Period) => readonly Point[]
  /** Since when this instance counts. */
  readonly sinceMs: number
}

export interface TrafficOptions {
  readonly now: () => number
  /** Default: 50,000, some ten megabytes. */
  readonly pointsMax?: number
}

export const MINUTE_MS = 60_000
const KEPT_MINUTES = 7 * 24 * 60
const POINTS_MAX = 50_000

/** A topic's minute as it is kept. */
interface Kept extends StreamMinute {
  readonly shards: readonly Minute[]
}

/** All that happened in one minute. */
interface Page {
  readonly topics: Map<string, Kept>
  points: number
}

const NO_COUNTS: Counts = { records: 0, bytes: 0, requests: 0, requestMs: 0, throttled: 0 }

export function createTraffic({ now, pointsMax = POINTS_MAX }: TrafficOptions): Traffic {
  /** By minute: the oldest is the first. */
  const pages = new Map<number, Page>()
  let points = 0

  function pageOf(minute: number): Page {
    let page = pages.get(minute)
    if (!page) pages.set(minute, (page = { topics: new Map(), points: 0 }))
    return page
  }

  function trim(newest: number): void {
    for (const [minute, page] of pages) {
      const isOld = minute <= newest - KEPT_MINUTES
      if (minute === newest || (!isOld && points <= pointsMax)) return
      points -= page.points
      pages.delete(minute)
    }
  }

  function keep(minute: number, page: Page): Kept {
    const shards: Minute[] = []
    const makePoint = (): Minute => {
      points++
      page.points++
      trim(minute)
      return { put: { ...NO_COUNTS }, get: { ...NO_COUNTS } }
    }
    return { all: makePoint(), shards, of: (shard) => (shards[shard] ??= makePoint()) }
  }

  return {
    sinceMs: now(),
    minuteOf(topic) {
      const minute = Math.floor(now() / MINUTE_MS)
      const page = pageOf(minute)
      let kept = page.topics.get(topic)
      if (!kept) page.topics.set(topic, (kept = keep(minute, page)))
      return kept
    },
    points: (period) => pointsOf(pages, period),
  }
}

function pointsOf(pages: ReadonlyMap<number, Page>, period: Period): readonly Point[] {
  const { topic, shard, fromMs, untilMs } = period
  return [...pages]
    .map(([minute, { topics }]) => {
      const kept = topics.get(topic)
      const found = shard === undefined ? kept?.all : kept?.shards[shard]
      return { minuteMs: minute * MINUTE_MS, found }
    })
    .flatMap(({ minuteMs, found }) =>
      found && minuteMs >= fromMs && minuteMs < untilMs ? [{ minuteMs, ...found }] : [],
    )
    .sort((a, b) => a.minuteMs - b.minuteMs)
}
