import { BridgeError } from '../../src/core/errors.ts'
import { createPrincipals, type PrincipalPlan } from '../../src/core/principals.ts'

const NOBODY: PrincipalPlan = {
  ...{ name: 'p', keys: [], bearers: [], users: [], allow: [], quotas: {} },
}

function clock(atMs = 1_000_000) {
  let nowMs = atMs
  return { now: () => nowMs, pass: (ms: number) => (nowMs += ms) }
}

const plan = (changes: Partial<PrincipalPlan>): PrincipalPlan => ({ ...NOBODY, ...changes })

describe('credentials', () => {
  const identity = createPrincipals(
    [
      plan({
        name: 'a',
        keys: [
          { family: 'one', id: 'AK', secret: 's1' },
          { family: 'two', id: 'AK', secret: 's2', sessionToken: 't' },
        ],
      }),
      plan({
        name: 'b',
        bearers: [{ family: 'one', secret: 'token' }],
        users: [{ family: 'one', username: 'u', password: 'p' }],
      }),
    ],
    Date.now,
  )

  test('a key is found in its family only', () => {
    expect(identity.keyOf('one', 'AK')).toMatchObject({ secret: 's1', sessionToken: undefined })
    expect(identity.keyOf('two', 'AK')).toMatchObject({ secret: 's2', sessionToken: 't' })
    expect(identity.keyOf('three', 'AK')).toBeUndefined()
    expect(identity.keyOf('one', 'token')).toBeUndefined()
  })

  test('what is sent whole is found by itself, and a key id never is', () => {
    expect(identity.bearerOf('one', 'token')?.name).toBe('b')
    expect(identity.bearerOf('two', 'token')).toBeUndefined()
    expect(identity.bearerOf('one', 'AK')).toBeUndefined()
    expect(identity.bearerOf('one', '')).toBeUndefined()
  })

  test('users by name and password', () => {
    expect(identity.userOf('one', 'u', 'p')?.name).toBe('b')
    expect(identity.userOf('one', 'u', 'q')).toBeUndefined()
    expect(identity.userOf('one', 'U', 'p')).toBeUndefined()
    expect(identity.userOf('one', 'nobody', '')).toBeUndefined()
  })
})

test('permissions by action and pattern; any of them lets see', () => {
  const identity = createPrincipals(
    [
      plan({
        bearers: [{ family: 'f', secret: 's' }],
        allow: [
          { actions: ['put'], streams: ['orders-*', 'exact'] },
          { actions: ['read', 'manage'], streams: ['*-log'] },
        ],
      }),
    ],
    Date.now,
  )
  const { may } = identity.bearerOf('f', 's')!
  const needs = ['put', 'read', 'manage', 'see'] as const
  const mayOf = (stream: string) => needs.filter((need) => may(need, stream))
  expect(mayOf('orders-1')).toEqual(['put', 'see'])
  expect(mayOf('exact')).toEqual(['put', 'see'])
  expect(mayOf('a-log')).toEqual(['read', 'manage', 'see'])
  expect(mayOf('orders-log')).toEqual(needs)
  expect(mayOf('exactly')).toEqual([])
})

describe('quotas', () => {
  function metered(quotas: PrincipalPlan['quotas'], time = clock()) {
    const bearers = [{ family: 'f', secret: 's' }]
    const principals = createPrincipals([plan({ bearers, quotas })], time.now)
    const charge = (records: number, bytes = 0): boolean => {
      try {
        principals.bearerOf('f', 's')!.charge(records, bytes)
        return true
      } catch (error) {
        expect(error).toBeInstanceOf(BridgeError)
        expect((error as BridgeError).code).toBe('throttled')
        return false
      }
    }
    return { charge, time, replace: principals.replace, bearers }
  }

  test('a second’s worth at once, and then as it refills', () => {
    const { charge, time } = metered({ recordsPerSecond: 10 })
    expect([charge(5), charge(5), charge(1)]).toEqual([true, true, false])
    time.pass(100)
    expect([charge(1), charge(1)]).toEqual([true, false])
    time.pass(60_000)
    expect([charge(10), charge(1)]).toEqual([true, false])
  })

  test('more than a second’s worth gets in, and is waited for after', () => {
    const { charge, time } = metered({ bytesPerSecond: 1000 })
    expect([charge(1, 5000), charge(1, 1)]).toEqual([true, false])
    time.pass(4000)
    expect(charge(1, 1)).toBe(false)
    time.pass(1)
    expect(charge(1, 1)).toBe(true)
  })

  test('what one quota refuses costs nothing of the other', () => {
    const { charge, time } = metered({ recordsPerSecond: 10, bytesPerSecond: 10 })
    expect([charge(1, 100), charge(9, 1)]).toEqual([true, false])
    time.pass(9001)
    expect([charge(10, 0), charge(1, 0)]).toEqual([true, false])
  })

  test('in the long run, the rate', () => {
    const { charge, time } = metered({ recordsPerSecond: 100 })
    let stored = 0
    for (let ms = 0; ms < 60_000; ms += 7) {
      time.pass(7)
      if (charge(30)) stored += 30
    }
    expect(stored).toBeGreaterThan(60 * 100 - 100)
    expect(stored).toBeLessThan(61 * 100 + 100)
  })

  test('none, and zero', () => {
    const free = metered({})
    expect([free.charge(1e9, 1e12), free.charge(1e9, 1e12)]).toEqual([true, true])
    expect(metered({ recordsPerSecond: 0 }).charge(1)).toBe(false)
  })

  test('a changed file gives nobody a fresh bucket; a new rate counts from then on', () => {
    const { charge, replace, bearers, time } = metered({ recordsPerSecond: 10 })
    expect(charge(10)).toBe(true)
    replace([plan({ bearers, quotas: { recordsPerSecond: 10 } })])
    expect(charge(1)).toBe(false)
    replace([plan({ bearers, quotas: { recordsPerSecond: 1000 } })])
    time.pass(10)
    expect(charge(1)).toBe(true)
    replace([plan({ bearers, quotas: {} })])
    expect(charge(1e6)).toBe(true)
  })
})

test('replacing takes effect at once, for those who are gone too', () => {
  const principals = createPrincipals(
    [plan({ bearers: [{ family: 'f', secret: 'old' }] })],
    Date.now,
  )
  principals.replace([plan({ bearers: [{ family: 'f', secret: 'new' }] })])
  expect(principals.bearerOf('f', 'old')).toBeUndefined()
  expect(principals.bearerOf('f', 'new')?.name).toBe('p')
})
