// Stream names ↔ topics.

import fc from 'fast-check'
import { createTopicNames, escapeName, unescapeName } from '../../src/core/naming.ts'
import type { Naming, NameRules } from '../../src/core/naming.ts'

const PLAIN: Naming = { template: '{stream}', overrides: {}, pinned: {} }

const STREAMS: NameRules = {
  refOf: (parts) => ({ dialect: 'd', name: parts['stream'] ?? '', parts }),
  parse: (name) => ({ dialect: 'd', name, parts: { stream: name } }),
}

const PATHS: NameRules = {
  pathParts: ['path'],
  refOf: (parts) => ({ dialect: 'd', name: `${parts['container']}/${parts['path']}`, parts }),
  parse: () => undefined,
}

function refOf(parts: Record<string, string>) {
  return STREAMS.refOf(parts)!
}

describe('the escape', () => {
  test.each([
    ['orders.v1-x_y', 'orders.v1-x_y'],
    ['a b', 'a_x20b'],
    ['é', '_xC3_xA9'],
    ['a_x41', 'a_x5Fx41'],
    ['a_xyz', 'a_xyz'],
    ['.', '_x2E'],
    ['..', '_x2E_x2E'],
    ['...', '...'],
  ])('%s is %s', (name, escaped) => {
    expect(escapeName(name)).toBe(escaped)
    expect(unescapeName(escaped)).toBe(name)
  })

  test('is reversible, and makes legal topic names, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (name) => {
        const escaped = escapeName(name)
        expect(escaped).toMatch(/^[A-Za-z0-9._-]+$/)
        expect(unescapeName(escaped)).toBe(name)
      }),
    )
  })

  test('text that it would not have made is nobody’s', () => {
    expect(unescapeName('a_x41')).toBeUndefined()
    expect(unescapeName('a_xff')).toBeUndefined()
  })
})

describe('a template', () => {
  test('drops the parts it does not name, and pins what it is told to', () => {
    const names = createTopicNames({ ...PLAIN, pinned: { project: 'p1' } }, STREAMS)
    expect(names.topicOf(refOf({ stream: 's', region: 'anywhere' }))).toBe('s')
    expect(names.topicOf(refOf({ stream: 's', project: 'p1' }))).toBe('s')
    expect(() => names.topicOf(refOf({ stream: 's', project: 'p2' }))).toThrow('no stream s')
  })

  test('may use several parts, and is read backwards', () => {
    const names = createTopicNames({ ...PLAIN, template: 'in-{project}-{stream}' }, STREAMS)
    const topic = names.topicOf(refOf({ project: 'p1', stream: 'orders' }))
    expect(topic).toBe('in-p1-orders')
    expect(names.streamOf(topic)?.parts).toEqual({ project: 'p1', stream: 'orders' })
    expect(names.streamOf('other')).toBeUndefined()
  })

  test('turns paths into dots, and back, for any elements', () => {
    const names = createTopicNames({ ...PLAIN, template: '{container}.{path}' }, PATHS)
    const element = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 3 })
      .filter((text) => !text.includes('/'))
    fc.assert(
      fc.property(fc.array(element, { minLength: 1, maxLength: 3 }), (elements) => {
        const parts = { container: 'c', path: elements.join('/') }
        const topic = names.topicOf(PATHS.refOf(parts)!)
        expect(names.streamOf(topic)?.parts).toEqual(parts)
      }),
    )
    expect(names.topicOf(PATHS.refOf({ container: 'c', path: 'a.b/c' })!)).toBe('c.a_x2Eb.c')
  })
})

describe('overrides', () => {
  const names = createTopicNames({ ...PLAIN, overrides: { orders: 'prod.orders.v1' } }, STREAMS)

  test('give a stream a topic of its own', () => {
    expect(names.topicOf(refOf({ stream: 'orders' }))).toBe('prod.orders.v1')
    expect(names.streamOf('prod.orders.v1')?.name).toBe('orders')
  })

  test('hide the topic under its own name, and the name’s own topic', () => {
    expect(() => names.topicOf(refOf({ stream: 'prod.orders.v1' }))).toThrow('no stream')
    expect(names.streamOf('orders')).toBeUndefined()
  })
})

test('topics that begin with an underscore are nobody’s streams', () => {
  const names = createTopicNames(PLAIN, STREAMS)
  expect(() => names.topicOf(refOf({ stream: '__consumer_offsets' }))).toThrow('no stream')
  expect(names.streamOf('__consumer_offsets')).toBeUndefined()
})

test('a name too long for Kafka is an invalid name', () => {
  const names = createTopicNames(PLAIN, STREAMS)
  expect(names.topicOf(refOf({ stream: 'a'.repeat(249) }))).toHaveLength(249)
  expect(() => names.topicOf(refOf({ stream: 'a'.repeat(250) }))).toThrow('too long')
})
