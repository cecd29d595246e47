// Who reads what: every shard of every stream that somebody wants, by exactly one of those who want it.
//
// * Each shard goes to the one of them who has the fewest so far, in the order of their names: among
//   members who want the same, none has two shards more than another.
// * The same members and shards give the same assignment on every instance, so that none has to be kept.

import type { Group } from './group.ts'

/** Shards by stream, by member. */
export type Assignment = ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>

export function assign({ members, shards }: Pick<Group, 'members' | 'shards'>): Assignment {
  const clients = Object.keys(members).sort()
  const assignment = new Map(clients.map((client) => [client, new Map<string, number[]>()]))
  const load = new Map<string, number>()
  for (const stream of Object.keys(shards).sort()) {
    const wanting = clients.filter((client) => Object.hasOwn(members[client]?.wants ?? {}, stream))
    for (let shard = 0; shard < (shards[stream] ?? 0); shard++) {
      const client = leastLoaded(wanting, load)
      if (client === undefined) break
      load.set(client, (load.get(client) ?? 0) + 1)
      const streams = assignment.get(client)
      const own = streams?.get(stream)
      if (own) own.push(shard)
      else streams?.set(stream, [shard])
    }
  }
  return assignment
}

function leastLoaded(clients: readonly string[], load: ReadonlyMap<string, number>) {
  const [first, ...rest] = clients
  if (first === undefined) return undefined
  const loadOf = (client: string): number => load.get(client) ?? 0
  return rest.reduce((best, client) => (loadOf(client) < loadOf(best) ? client : best), first)
}
