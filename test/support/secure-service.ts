// The service with a certificate that it makes itself (--dev-tls), in a key store of its own.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startService, type Service } from './service.ts'
import { sharedBrokers } from './shared-kafka.ts'

/** Disposing takes the folder with it. */
export interface SecureService extends Service {
  /** The key store: what else a test keeps there is the test's own. */
  readonly folder: string
  /** The file that clients are told to trust. */
  readonly certificate: string
}

/** On the run's own Kafka. `settingsIn`: what else it is told, which may lie in the folder. */
export async function startSecureService(
  settingsIn: (folder: string) => Readonly<Record<string, string>> = () => ({}),
): Promise<SecureService> {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-secure-'))
  const service = await startService({
    args: ['--dev-tls'],
    environment: {
      KAFKA_BROKERS: sharedBrokers().join(),
      TRIBUTARY_TLS_PORT: '0',
      TRIBUTARY_EMBEDDED_DIRECTORY: folder,
      ...settingsIn(folder),
    },
  })
  // The banner comes after the line that the start is known by.
  const certificateIn = () => /SSL_CERT_FILE='(.*?)'/.exec(service.stderr())?.[1]
  const certificate = await service.until(certificateIn, 10_000)
  return {
    ...service,
    folder,
    certificate,
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true })
    },
  }
}
