import { createDoor } from '../../src/kafka/door.ts'
import { hedge } from '../../src/kafka/hedge.ts'
import type { Link } from '../../src/kafka/link.ts'
import { createRounds } from '../../src/kafka/rounds.ts'

const never = (): Promise<never> => new Promise(() => undefined)
const fail = (reason: string) => () => Promise.reject(new Error(reason))

describe('hedge', () => {
  test('the first success wins, and nobody else is asked', async () => {
    let asked = 0
    const ask = () => Promise.resolve(++asked)

    expect(await hedge([ask, ask], 10)).toBe(1)
    expect(asked).toBe(1)
  })

  test('the next one is asked at once on a failure, and after the delay', async () => {
    expect(await hedge([fail('a'), () => Promise.resolve(2)], Infinity)).toBe(2)
    expect(await hedge([never, () => Promise.resolve(2)], 5)).toBe(2)
  })

  test('when all fail, the last failure is told', async () => {
    await expect(hedge([fail('a'), fail('b')], 1000)).rejects.toThrow('b')
    await expect(hedge([], 1000)).rejects.toThrow('nobody')
  })
})

describe('rounds', () => {
  test('one at a time; names asked for meanwhile share the next', async () => {
    const log: string[] = []
    let release = (): void => undefined
    const rounds = createRounds(async (names) => {
      log.push([...names].join())
      await new Promise<void>((resolve) => (release = resolve))
    })
    const first = rounds.join(['a'])
    await Promise.resolve().then(() => Promise.resolve())
    const others = [rounds.join(['b']), rounds.join(['c', 'b'])]
    await new Promise((resolve) => setImmediate(resolve))
    expect(log).toEqual(['a'])

    release()
    await first
    await new Promise((resolve) => setImmediate(resolve))
    release()
    await Promise.all(others)

    expect(log).toEqual(['a', 'b,c'])
    expect(rounds.isBusy()).toBe(false)
  })

  test('a failure is told to those who joined, and the next round works', async () => {
    let failures = 1
    const rounds = createRounds(() =>
      failures-- > 0 ? Promise.reject(new Error('down')) : Promise.resolve(),
    )

    await expect(Promise.all([rounds.join(['a']), rounds.join(['b'])])).rejects.toThrow('down')
    await expect(rounds.join(['a'])).resolves.toBeUndefined()
  })
})

describe('door', () => {
  const link = (): Link & { destroyed?: string; retired?: boolean; old?: boolean } => {
    const it: ReturnType<typeof link> = {
      request: never,
      versionMax: () => -1,
      expired: () => it.old === true,
      destroy: (reason) => (it.destroyed = reason),
      retire: () => (it.retired = true),
    }
    return it
  }

  test('one connection, however many ask, until it expires', async () => {
    const links = [link(), link()]
    let opened = 0
    const door = createDoor(() => Promise.resolve(links[opened++]!))
    expect(door.peek()).toBeUndefined()

    expect(await Promise.all([door.open(), door.open()])).toEqual([links[0], links[0]])
    expect(door.peek()).toBe(links[0])
    links[0]!.old = true

    expect(await door.open()).toBe(links[1])
    expect(links[0]!.retired).toBe(true)
  })

  test('after a failure the next one to ask tries again', async () => {
    let tries = 0
    const door = createDoor(() =>
      ++tries === 1 ? Promise.reject(new Error('refused')) : Promise.resolve(link()),
    )

    await expect(door.open()).rejects.toThrow('refused')
    await expect(door.open()).resolves.toBeDefined()
  })

  test('what opens after the door was closed is ended', async () => {
    const late = link()
    const door = createDoor(() => Promise.resolve(late))
    const opening = door.open()

    door.close('over')
    await opening

    expect(late.destroyed).toBe('over')
  })
})
