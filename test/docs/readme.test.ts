// The README's commands, pasted, and the answers that it shows.

import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startBridge } from '../support/bridge.ts'
import { ROOT } from '../support/source-files.ts'

const README = readFileSync(join(ROOT, 'README.md'), 'utf8')

/** The blocks of code that begin so. */
function blocks(begin: string): string[] {
  return [...README.matchAll(/^```(\w*)\n(.*?)^```$/gms)].flatMap(([, , text = '']) =>
    text.startsWith(begin) ? [text] : [],
  )
}

/** The time in a sequence number of Amazon's, and what it moves. */
function withoutTime(text: string): string {
  return text.replace(/\d{56}/, '(56 digits)')
}

test('a put through each dialect is answered as shown', async () => {
  await using bridge = await startBridge({ topics: { demo: 4, 'demo.v3io': 4 } })
  const [block = ''] = blocks('# Amazon Kinesis')
  const commands = block.match(/^curl .*\n(?: .*\n)*/gm) ?? []
  const [shown = ''] = blocks('{"ShardId"')

  const answers: string[] = []
  for (const command of commands) {
    const pasted = command.replace('http://127.0.0.1:8080', bridge.url)
    const { stdout } = await promisify(execFile)('bash', ['-c', pasted])
    answers.push(stdout)
  }

  expect(answers).toHaveLength(4)
  expect(answers.map(withoutTime)).toEqual(shown.trim().split('\n').map(withoutTime))
})

test('the commands of a newcomer stand alone', () => {
  expect(blocks('npm ci && npm start\n')).toHaveLength(1)
  expect(blocks('npm ci && npm test\n')).toHaveLength(1)
})
