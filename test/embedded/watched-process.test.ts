import { startWatched } from '../../src/embedded/watched-process.ts'
import { isAlive, until } from './processes.ts'

function start(script: string, graceS = 1) {
  const lines: string[] = []
  const process_ = startWatched({
    ...{ command: '/bin/sh', args: ['-c', script], directory: '/', graceS },
    environment: { PATH: process.env['PATH'], WORD: 'passed on' },
    output: (line) => void lines.push(line),
  })
  return { ...process_, lines }
}

it('gives lines and the exit status', async () => {
  const { exited, lines } = start('echo one; echo "$WORD" >&2; printf three; exit 7')
  expect(await exited).toBe(7)
  expect([...lines].sort()).toEqual(['one', 'passed on', 'three'])
})

it('ends with TERM when the pipe closes', async () => {
  const { pid, exited, end } = start('exec sleep 60')
  expect(isAlive(await pid)).toBe(true)
  await end()
  expect(await exited).toBe(143)
  expect(isAlive(await pid)).toBe(false)
})

it('lets the command end in its own way', async () => {
  const { exited, lines, end } = start(
    'trap "echo bye; exit 3" TERM; echo up; while :; do sleep 0.1; done',
  )
  await until(() => lines.includes('up'))
  await end()
  expect(await exited).toBe(3)
  expect(lines).toEqual(['up', 'bye'])
})

it.each([
  ['deaf to TERM', 'trap "" TERM; echo up; while :; do sleep 0.1; done'],
  ['stopped', 'echo up; kill -STOP $$'],
])('kills a command that is %s', async (_, script) => {
  const { pid, exited, lines, end } = start(script)
  await until(() => lines.includes('up'))
  await end()
  expect(await exited).toBe(137)
  expect(isAlive(await pid)).toBe(false)
})

it('ends the command even when the watcher itself was killed', async () => {
  const { pid, exited, end, lines } = start('echo $PPID; exec sleep 60')
  await until(() => lines.length > 0)
  process.kill(Number(lines[0]), 'SIGKILL')
  await exited
  await until(async () => !isAlive(await pid))
  await end()
})

it('reports a command that is not there', async () => {
  const { exited } = startWatched({
    ...{ command: '/no/such/command', args: [], directory: '/', graceS: 1 },
    ...{ environment: {}, output: () => undefined },
  })
  expect(await exited).toBe(127)
})

it('rejects when the folder is not there', async () => {
  const { exited, pid, end } = startWatched({
    ...{ command: '/bin/true', args: [], directory: '/no/such/folder', graceS: 1 },
    ...{ environment: {}, output: () => undefined },
  })
  await expect(exited).rejects.toThrow('ENOENT')
  await expect(pid).rejects.toThrow()
  await end()
})
