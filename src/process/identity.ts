// Whose credentials count: nobody's in particular, or those of a file that is read anew when it changes.
// A file that is wrong stops the start with a sentence; later the last good one stays in use.

import { readFileSync } from 'node:fs'
import { CredentialsError, parseCredentials } from '../config/credentials.ts'
import type { Config } from '../config/schema.ts'
import { createPrincipals, type Identity, type PrincipalPlan } from '../core/principals.ts'
import type { Log } from '../telemetry/logger.ts'
import { Refusal } from './refusal.ts'
import { watchFiles } from './watch-files.ts'

export interface OpenedIdentity {
  /** Absent: any or no credentials will do. */
  readonly identity: Identity | undefined
  readonly close: () => void
}

const LOOK_EVERY_MS = 1000

type Wanted = Pick<Config, 'identity' | 'credentials'>

/** Throws Refusal for a file that cannot be used. */
export function checkCredentials({ identity, credentials: file }: Wanted): void {
  if (identity === 'verify') readPlans(file)
}

/** Throws Refusal for a file that cannot be used. */
export function openIdentity({ identity, credentials: file }: Wanted, log: Log): OpenedIdentity {
  if (identity === 'open') return { identity: undefined, close: () => undefined }
  const principals = createPrincipals(readPlans(file), Date.now)
  const close = watchFiles([file], {
    everyMs: LOOK_EVERY_MS,
    onChange() {
      try {
        const plans = readPlans(file)
        principals.replace(plans)
        log.info('the credentials were read anew', { file, principals: plans.length })
      } catch (error) {
        log.error('the changed credentials cannot be used; the last ones stay', {
          why: (error as Error).message,
        })
      }
    },
  })
  return { identity: principals, close }
}

function readPlans(file: string): readonly PrincipalPlan[] {
  if (file === '') {
    throw new Refusal('TRIBUTARY_IDENTITY is verify: TRIBUTARY_CREDENTIALS must name a file.')
  }
  try {
    return parseCredentials(readFileSync(file, 'utf8'))
  } catch (error) {
    if (!(error instanceof CredentialsError)) {
      throw new Refusal(`credentials: cannot read ${file}: ${(error as Error).message}`)
    }
    throw new Refusal(`credentials: ${file} is wrong:\n  ${error.problems.join('\n  ')}`)
  }
}
