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

/** One request's share. A shard's share is of records alone. */
export interface Share extends Partial<Counts> {
  readonly topic: string
  readonly way: Way
  readonly shards?: ReadonlyMap<number, Pick<Counts, 'records' | 'bytes'>>
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
  readonly count: (share: Share) => void
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

type Tally = { -readonly [Name in keyof Counts]: number }
type Minute = Record<Way, Tally>

const NO_COUNTS: Counts = { records: 0, bytes: 0, requests: 0, requestMs: 0, throttled: 0 }

export function createTraffic({ now, pointsMax = POINTS_MAX }: TrafficOptions): Traffic {
  /** By minute, then by stream or shard: the oldest minute is the first. */
  const minutes = new Map<number, Map<string, Minute>>()
  let points = 0

  function drop(minute: number): void {
    points -= minutes.get(minute)?.size ?? 0
    minutes.delete(minute)
  }

  function tallyOf(name: string, way: Way): Tally {
    const minute = Math.floor(now() / MINUTE_MS)
    const all = minutes.get(minute) ?? new Map<string, Minute>()
    minutes.set(minute, all)
    const found = all.get(name)
    if (found) return found[way]
    const made = { put: { ...NO_COUNTS }, get: { ...NO_COUNTS } }
    all.set(name, made)
    points++
    trim(minute)
    return made[way]
  }

  function trim(newest: number): void {
    for (const minute of minutes.keys()) {
      const isOld = minute <= newest - KEPT_MINUTES
      if (minute === newest || (!isOld && points <= pointsMax)) return
      drop(minute)
    }
  }

  return {
    sinceMs: now(),
    count({ topic, way, shards, ...share }) {
      add(tallyOf(nameOf(topic), way), share)
      for (const [shard, part] of shards ?? []) add(tallyOf(nameOf(topic, shard), way), part)
    },
    points({ topic, shard, fromMs, untilMs }) {
      const name = nameOf(topic, shard)
      return [...minutes]
        .map(([minute, all]) => ({ minuteMs: minute * MINUTE_MS, found: all.get(name) }))
        .flatMap(({ minuteMs, found }) =>
          found && minuteMs >= fromMs && minuteMs < untilMs ? [{ minuteMs, ...found }] : [],
        )
        .sort((a, b) => a.minuteMs - b.minuteMs)
    },
  }
}

/** Topics have no slashes in their names. */
function nameOf(topic: string, shard?: number): string {
  return shard === undefined ? topic : `${topic}/${shard}`
}

function add(tally: Tally, share: Partial<Counts>): void {
  tally.records += share.records ?? 0
  tally.bytes += share.bytes ?? 0
  tally.requests += share.requests ?? 0
  tally.requestMs += share.requestMs ?? 0
  tally.throttled += share.throttled ?? 0
}
