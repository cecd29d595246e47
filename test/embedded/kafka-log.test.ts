import {
  DataInUseError,
  describeExit,
  lastWords,
  PortTakenError,
  startFailure,
} from '../../src/embedded/kafka-log.ts'

describe('why a start failed', () => {
  it('names a second instance by its data', () => {
    const error = startFailure('… Failed to acquire lock on file .lock in data. …', 1, '/k')
    expect(error).toBeInstanceOf(DataInUseError)
    expect(error.message).toMatch(/still running, uses the data in \/k; stop it first/)
  })

  it('tells a port that was taken', () => {
    const error = startFailure('java.net.BindException: Address already in use', 1, '/k')
    expect(error).toBeInstanceOf(PortTakenError)
  })

  it('gives the last words otherwise', () => {
    const { message } = startFailure('first\nNo space left\n\tat a.b.C(D.java:1)\n', 137, '/k')
    expect(message).toBe(
      'The embedded Kafka did not start: signal 9 ended it. Its last words:\n  first\n  No space left',
    )
  })
})

it('keeps the last words short', () => {
  const lines = Array.from({ length: 100 }, (_, i) => `line ${i}`)
  expect(lastWords(lines.join('\n')).split('\n')).toHaveLength(6)
  expect(lastWords('x'.repeat(100_000)).length).toBeLessThan(1600)
  expect(lastWords('')).toBe(' It said nothing.')
})

it('puts a shell exit status in words', () => {
  expect(describeExit(1)).toBe('it ended with status 1')
  expect(describeExit(143)).toBe('signal 15 ended it')
})
