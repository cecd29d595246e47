// A service that verifies DIS' credentials, for the suites of its clients; and what they answer.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startService, type Service } from '../support/service.ts'
import { sharedBrokers } from '../support/shared-kafka.ts'

export const DIS_KEY = 'TESTAK0000000000'
export const DIS_SECRET = 'TestSk+/0000000000000000000000000'

const CREDENTIALS = {
  principals: [
    {
      name: 'p',
      dis: [{ ak: DIS_KEY, sk: DIS_SECRET }],
      tokens: ['iam-token'],
      allow: [{ actions: ['put', 'read', 'manage'], streams: ['*'] }],
    },
  ],
}

export interface PutAnswer {
  readonly failed_record_count: number
  readonly records: readonly {
    readonly partition_id?: string
    readonly sequence_number?: string
    readonly error_code?: string
  }[]
}

export interface ReadAnswer {
  readonly next_partition_cursor: string
  readonly records: readonly {
    readonly partition_key?: string | null
    readonly sequence_number: string
    readonly data: string
    readonly timestamp: number
    readonly timestamp_type: string
  }[]
}

/** For all tests of a file, on the run's own Kafka. */
export function verifyingService(): () => Service {
  let folder = ''
  let service: Service | undefined
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tributary-dis-'))
    const file = join(folder, 'credentials.json')
    writeFileSync(file, JSON.stringify(CREDENTIALS))
    service = await startService({
      environment: {
        KAFKA_BROKERS: sharedBrokers().join(),
        TRIBUTARY_IDENTITY: 'verify',
        TRIBUTARY_CREDENTIALS: file,
      },
    })
  })
  afterAll(async () => {
    await service?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })
  return () => {
    if (!service) throw new Error('the service is there within tests only')
    return service
  }
}
