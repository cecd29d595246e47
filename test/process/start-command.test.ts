// What Node reads before our code runs stands wherever a process of ours is started, and is the same there.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../support/source-files.ts'

test.each(['package.json', 'Dockerfile', 'src/cli.ts', 'bench/service/subjects.ts'])(
  '%s starts with 32 MiB for what is young, and with large pages',
  (file) => {
    const text = readFileSync(join(ROOT, file), 'utf8')
    const flags = text.match(/--(max-semi-space-size|use-largepages)=\w+/g)
    expect(flags).toEqual(['--max-semi-space-size=32', '--use-largepages=silent'])
  },
)
