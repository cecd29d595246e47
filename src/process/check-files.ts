// The files that a configuration names, opened as the start would open them.

import type { Config } from '../config/schema.ts'
import { connectionOf } from './connection.ts'
import { checkCredentials } from './identity.ts'
import { Refusal } from './refusal.ts'
import { checkCertificate } from './tls.ts'

/** What is wrong with them, a sentence each. */
export function checkFiles(config: Config): string[] {
  const checks = [
    () => checkCertificate(config),
    () => checkCredentials(config),
    () => void connectionOf(config),
  ]
  return checks.flatMap((check) => {
    try {
      check()
      return []
    } catch (error) {
      if (error instanceof Refusal) return error.message
      throw error
    }
  })
}
