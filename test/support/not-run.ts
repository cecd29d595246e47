// What cannot run here, said aloud. In place of the tests that need an absent tool, a test is
// registered that is skipped, and its name is kept for the list at the end of npm test. Where CI is
// set nothing may be absent, and it fails instead.

import { appendFileSync } from 'node:fs'

/** Called where the tests would be defined. `tool` is the absent one, `reason` says what is missing. */
export function notRun(tool: string, reason: string): void {
  const name = `all that needs ${tool}`
  const list = process.env['TRIBUTARY_NOT_RUN']
  if (list) appendFileSync(list, `${name} (${reason})\n`)
  if (process.env['CI']) {
    test(name, () => {
      throw new Error(reason)
    })
  } else test.skip(name, () => undefined)
}
