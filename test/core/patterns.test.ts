import fc from 'fast-check'
import { matchesAny } from '../../src/core/patterns.ts'

test('agrees with the regular expression that the pattern stands for', () => {
  const text = fc.stringMatching(/^[ab.]{0,8}$/)
  const pattern = fc.stringMatching(/^[ab.*]{0,6}$/)
  fc.assert(
    fc.property(text, pattern, (name, each) => {
      const source = each.replaceAll('.', '\\.').replaceAll('*', '.*')
      expect(matchesAny(name, [each])).toBe(new RegExp(`^${source}$`, 's').test(name))
    }),
    { numRuns: 2000 },
  )
})

test('takes no longer for a pattern that almost fits everywhere', () => {
  const name = 'a'.repeat(10_000)
  const startedMs = performance.now()
  expect(matchesAny(name, [`${'*a'.repeat(50)}*b`])).toBe(false)
  expect(performance.now() - startedMs).toBeLessThan(1000)
})
