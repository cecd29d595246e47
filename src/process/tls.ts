// The certificate of the data port over TLS: from files, read anew when they change, or a throw-away
// one for development.
//
// * Wrong files stop the start with a sentence. Later the last good ones stay in use: a certificate and
//   its key are two files, and between two writes they do not fit each other.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import type { Config } from '../config/schema.ts'
import { TLS_VERSION_MIN, type Certificates, type Pair } from '../http/listener.ts'
import type { Log } from '../telemetry/logger.ts'
import { createAuthority } from './dev-certificate.ts'
import { Refusal } from './refusal.ts'
import { watchFiles } from './watch-files.ts'

export interface Tls {
  readonly port: number
  readonly certificates: Certificates
  /** The authority that clients of a throw-away certificate must trust. */
  readonly caFile?: string
  readonly close: () => void
}

export interface TlsOptions {
  readonly config: Config
  /** Whether a certificate is made here. */
  readonly throwAway: boolean
  readonly log: Log
}

const LOOK_EVERY_MS = 1000
/** Where a throw-away certificate is served unless the configuration names a port. */
const DEV_PORT = 8443

/** Where the data port over TLS shall be, before anything is made. */
export function tlsPort({ tls }: Config, throwAway: boolean): number | 'off' {
  return throwAway && tls.port === 'off' ? DEV_PORT : tls.port
}

/** Nothing where TLS is off. Throws Refusal for files that cannot be used. */
export function openTls({ config, throwAway, log }: TlsOptions): Tls | undefined {
  const port = tlsPort(config, throwAway)
  if (port === 'off') return undefined
  return throwAway ? makeCertificate(config, port) : readCertificate(config, port, log)
}

/** Throws Refusal for files that cannot be used. */
export function checkCertificate({ tls }: Config): void {
  if (tls.port !== 'off') readPair(tls)
}

function makeCertificate({ embedded }: Config, port: number): Tls {
  const authority = createAuthority()
  const pair = authority.issue('localhost')
  const caFile = join(embedded.directory, 'dev-ca.pem')
  mkdirSync(embedded.directory, { recursive: true })
  writeFileSync(caFile, authority.ca)
  return { port, caFile, certificates: (use) => use(pair), close: () => undefined }
}

function readCertificate({ tls }: Config, port: number, log: Log): Tls {
  let pair = readPair(tls)
  const users = new Set<(pair: Pair) => void>()
  const close = watchFiles([tls.cert, tls.key], {
    everyMs: LOOK_EVERY_MS,
    onChange() {
      try {
        pair = readPair(tls)
      } catch (error) {
        log.error('the changed certificate cannot be used; the last one stays', {
          why: (error as Error).message,
        })
        return
      }
      for (const use of users) use(pair)
      log.info('the certificate was read anew', { file: tls.cert })
    },
  })
  return {
    port,
    close,
    certificates(use) {
      users.add(use)
      use(pair)
    },
  }
}

/** Throws Refusal for files that are no pair. */
function readPair({ cert, key }: Config['tls']): Pair {
  if (cert === '' || key === '') {
    throw new Refusal(
      'TRIBUTARY_TLS_PORT is set: TRIBUTARY_TLS_CERT and TRIBUTARY_TLS_KEY must name PEM files, or --dev-tls makes a throw-away certificate.',
    )
  }
  const pair = { cert: readPem('tls.cert', cert), key: readPem('tls.key', key) }
  try {
    createSecureContext({ ...pair, minVersion: TLS_VERSION_MIN })
    return pair
  } catch (error) {
    throw new Refusal(
      `tls.cert and tls.key are no certificate with its key, in PEM: ${(error as Error).message}`,
    )
  }
}

function readPem(key: string, file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new Refusal(`${key}: cannot read ${file}: ${(error as Error).message}`)
  }
}
