// Routes that are known: finding a stream's topic takes a dozen steps over its name, and the same few
// streams are written to all the time. Settings do not change while the process runs, so that what was
// found once stays true.

import type { PlaceKey, StreamRef } from './model.ts'
import { matchesAny } from './patterns.ts'
import { placeAsKafka } from './placement.ts'

/** How many streams a process remembers the routes of; beyond it they are found anew. */
const KNOWN_MAX = 10_000

export interface Route {
  readonly topic: string
  /** Places keys instead of the dialect's own function. */
  readonly placeKey: PlaceKey | undefined
  /** Records that hold records of their own become those. */
  readonly opensBundles: boolean
}

export interface RouteOptions {
  /** Topic patterns (`*` for any run) whose keys are placed as Kafka's own producers do. */
  readonly nativePlacement: readonly string[]
  /** Topic patterns whose bundles are opened, unless their placement is native. */
  readonly deaggregate: readonly string[]
}

interface Known {
  readonly ref: StreamRef
  readonly route: Route
}

/** Throws what `topicOf` throws, each time. */
export function createRoutes(
  topicOf: (ref: StreamRef) => string,
  { nativePlacement, deaggregate }: RouteOptions,
): (ref: StreamRef) => Route {
  const known = new Map<string, Map<string, Known>>()
  let count = 0

  function find(ref: StreamRef): Route {
    const topic = topicOf(ref)
    const native = matchesAny(topic, nativePlacement)
    return {
      topic,
      placeKey: native ? placeAsKafka : undefined,
      opensBundles: !native && matchesAny(topic, deaggregate),
    }
  }

  return (ref) => {
    const found = known.get(ref.dialect)?.get(ref.name)
    if (found && hasParts(found.ref, ref)) return found.route
    const route = find(ref)
    if (++count > KNOWN_MAX) {
      known.clear()
      count = 1
    }
    const streams = known.get(ref.dialect) ?? new Map<string, Known>()
    known.set(ref.dialect, streams.set(ref.name, { ref, route }))
    return route
  }
}

/** One name may come with other parts: of another region, or in a token that was made up. */
function hasParts({ parts: known }: StreamRef, { parts }: StreamRef): boolean {
  for (const part in known) if (parts[part] !== known[part]) return false
  for (const part in parts) if (parts[part] !== known[part]) return false
  return true
}
