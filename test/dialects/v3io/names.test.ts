// Streams ↔ topics under the default template `{container}.{path}`.

import fc from 'fast-check'
import { createTopicNames } from '../../../src/core/naming.ts'
import { V3IO_NAMES } from '../../../src/dialects/v3io/names.ts'

const { topicOf, streamOf } = createTopicNames(
  { template: '{container}.{path}', overrides: { 'bigdata/old/s': 'prod.s' }, pinned: {} },
  V3IO_NAMES,
)

function ref(container: string, path: string) {
  return { dialect: 'v3io', name: `${container}/${path}`, parts: { container, path } }
}

test.each([
  ['bigdata', 's', 'bigdata.s'],
  ['users', 'pipelines/p1/model-endpoints/stream', 'users.pipelines.p1.model-endpoints.stream'],
  ['big_data', 'a.b/c d', 'big_data.a_x2Eb.c_x20d'],
  ['bigdata', 'old/s', 'prod.s'],
])('%s/%s is topic %s', (container, path, topic) => {
  expect(topicOf(ref(container, path))).toBe(topic)
  expect(streamOf(topic)).toEqual(ref(container, path))
})

test.each(['bigdata', '.s', 'bigdata.', 'bigdata..s', 'Big.s', '_internal.s', 'bigdata.old.s'])(
  'topic %s is no stream of this dialect',
  (topic) => {
    expect(streamOf(topic)).toBeUndefined()
  },
)

test('names of overrides', () => {
  expect(V3IO_NAMES.parse('bigdata/a/b')).toEqual(ref('bigdata', 'a/b'))
  for (const name of ['bigdata', 'bigdata/', '/bigdata/a', 'bigdata/a/', 'bigdata//a', 'B/a']) {
    expect(V3IO_NAMES.parse(name)).toBeUndefined()
  }
})

test('any path comes back from its topic', () => {
  const element = fc
    .string({
      unit: fc.oneof(
        fc.constantFrom('.', '_', 'x', '2', 'E', '-', ' '),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      ),
      minLength: 1,
      maxLength: 4,
    })
    .filter((text) => !/[/\0]/.test(text) && text !== '.' && text !== '..')
  const path = fc.array(element, { minLength: 1, maxLength: 3 })
  const container = fc.stringMatching(/^[a-z][a-z0-9]{0,9}$/)
  fc.assert(
    fc.property(container, path, (name, elements) => {
      const stream = ref(name, elements.join('/'))
      expect(streamOf(topicOf(stream))).toEqual(stream)
    }),
  )
})
