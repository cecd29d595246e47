// All producers of all dialects at once, and what their attempts were like.

import type { Attempt } from './http.ts'
import { runLane } from './lane.ts'
import type { Ledger } from './ledger.ts'
import type { Random } from './random.ts'
import type { Services } from './service.ts'
import { ALL_STYLES, type Word } from './styles.ts'

/** Of one dialect's attempts. */
export interface Manners {
  attempts: number
  /** Connections that broke, or were refused, and waits that the client ended. */
  broken: number
  /** Broke at an instance that had been told to stop, and was not cut by us. */
  brokenAtStop: number
  longestMs: number
  /** Answers that no healthy request may get. */
  readonly strange: string[]
}

export interface Traffic {
  readonly topics: readonly string[]
  readonly manners: ReadonlyMap<string, Manners>
  /** Ends it; resolves when every call is finished. */
  readonly end: () => Promise<void>
}

export interface TrafficOptions {
  readonly ledger: Ledger
  readonly services: Services
  readonly random: Random
  readonly lanes: number
  readonly pauseMs: number
  readonly timeoutMs: number
}

const NAME = 'faults'
const STRANGE_MAX = 20

/** The topics that the producers' streams are. */
export function trafficTopics(): string[] {
  return ALL_STYLES.map(({ sample }) => sample.stream(`${NAME}-${sample.name}`).topic)
}

export function startTraffic(options: TrafficOptions): Traffic {
  const { services, lanes } = options
  const manners = new Map(ALL_STYLES.map(({ sample }) => [sample.name, createManners()]))
  let over = false
  const running = ALL_STYLES.flatMap((style) => {
    const { name } = style.sample
    const { stream, topic } = style.sample.stream(`${NAME}-${name}`)
    return Array.from({ length: lanes }, (_, i) =>
      runLane({
        ...{ ...options, style, stream, topic },
        random: options.random.fork(),
        current: services.current,
        isOver: () => over,
        drops: i === lanes - 1,
        onAttempt: (came, words) => note(manners.get(name)!, came, words),
      }),
    )
  })
  // A producer that fails is a defect of the harness: it shows at the end.
  const ended = Promise.all(running)
  ended.catch(() => undefined)
  return {
    topics: trafficTopics(),
    manners,
    async end() {
      over = true
      await ended
    },
  }
}

function createManners(): Manners {
  return { attempts: 0, broken: 0, brokenAtStop: 0, longestMs: 0, strange: [] }
}

function note(manners: Manners, came: Attempt, words: readonly Word[]): void {
  manners.attempts++
  manners.longestMs = Math.max(manners.longestMs, came.ms)
  if (came.kind === 'broken') {
    const { instance, refused, timedOut } = came
    manners.broken++
    if (instance.stopping() && !instance.killed() && !refused && !timedOut) {
      manners.brokenAtStop++
      manners.strange.push(`instance ${instance.number} while it stopped: ${came.why}`)
    }
  } else if (words.some(({ kind }) => kind === 'strange') && manners.strange.length < STRANGE_MAX) {
    manners.strange.push(`${came.status} ${came.body.slice(0, 300)}`)
  }
}
