// The dialects, in the order in which a request is offered to them. A child comes after its parent.

import type { Config } from '../config/schema.ts'
import type { Dialect } from '../core/dialect.ts'
import { createDis } from './dis/index.ts'
import { createKinesis } from './kinesis/index.ts'
import { createYandex } from './yandex/index.ts'

type DialectsConfig = Config['dialects']

export function createDialects({ kinesis, yandex, dis }: DialectsConfig): readonly Dialect[] {
  return [
    createKinesis({
      ...kinesis,
      limits: { ...kinesis.limits, requestBytesMax: kinesis.requestBytesMax },
    }),
    createYandex({
      ...yandex,
      limits: { ...yandex.limits, requestBytesMax: yandex.requestBytesMax },
      accountId: kinesis.accountId,
    }),
    createDis({ ...dis, limits: { ...dis.limits, retentionHoursMax: dis.retentionHoursMax } }),
  ]
}
