// Who reads what, whoever the members are and whatever they want.

import fc from 'fast-check'
import { assign } from '../../../src/dialects/dis/groups/assign.ts'
import type { Group } from '../../../src/dialects/dis/groups/group.ts'

const stream = fc.constantFrom('a', 'b', 'c', 'd')
const client = fc.oneof(fc.string({ minLength: 1, maxLength: 4 }), fc.constant('__proto__'))

type Given = Pick<Group, 'members' | 'shards'>

const groups = fc
  .tuple(
    fc.dictionary(stream, fc.integer({ min: 0, max: 12 })),
    fc.uniqueArray(fc.tuple(client, fc.uniqueArray(stream)), { selector: ([name]) => name }),
  )
  .map(([shards, members]): Given => ({
    shards,
    members: Object.fromEntries(
      members.map(([name, wanted]) => [
        name,
        {
          wants: Object.fromEntries(wanted.map((each) => [each, each])),
          joined: 1,
          joinedMs: 0,
          windowMs: 0,
        },
      ]),
    ),
  }))

function loads(given: Given): number[] {
  return [...assign(given).values()].map((streams) => [...streams.values()].flat().length)
}

test('every shard that somebody wants has one reader, who wants it', () => {
  fc.assert(
    fc.property(groups, (given) => {
      const readers = new Map<string, number>()
      for (const [name, streams] of assign(given)) {
        for (const [each, shards] of streams) {
          expect(Object.keys(given.members[name]!.wants)).toContain(each)
          for (const shard of shards) {
            readers.set(`${each} ${shard}`, (readers.get(`${each} ${shard}`) ?? 0) + 1)
          }
        }
      }
      const wanted = new Set(
        Object.values(given.members).flatMap(({ wants }) => Object.keys(wants)),
      )
      const expected = Object.entries(given.shards).flatMap(([each, count]) =>
        wanted.has(each) ? Array.from({ length: count }, (_, i) => `${each} ${i}`) : [],
      )
      expect([...readers.keys()].sort()).toEqual(expected.sort())
      expect([...readers.values()].every((count) => count === 1)).toBe(true)
    }),
  )
})

test('among members who want the same, none has two shards more than another', () => {
  const alike = groups.map(({ shards, members }): Given => ({
    shards,
    members: Object.fromEntries(
      Object.entries(members).map(([name, member]) => [
        name,
        { ...member, wants: Object.fromEntries(Object.keys(shards).map((each) => [each, each])) },
      ]),
    ),
  }))
  fc.assert(
    fc.property(alike, (given) => {
      const all = loads(given)
      if (all.length > 0) expect(Math.max(...all) - Math.min(...all)).toBeLessThanOrEqual(1)
    }),
  )
})

test('the order in which members came does not matter', () => {
  fc.assert(
    fc.property(groups, (given) => {
      const entries = Object.entries(given.members).reverse()
      const other = { ...given, members: Object.fromEntries(entries) }
      expect(assign(other)).toEqual(assign(given))
    }),
  )
})
