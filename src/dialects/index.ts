// The dialects, in the order in which a request is offered to them. A child comes after its parent.

import type { Config } from '../config/schema.ts'
import type { Dialect } from '../core/dialect.ts'
import { createDis } from './dis/index.ts'
import { createKinesis } from './kinesis/index.ts'
import { createV3io } from './v3io/index.ts'
import { createYandex, YANDEX_OPERATIONS } from './yandex/index.ts'

type DialectsConfig = Config['dialects']

export function createDialects({ kinesis, yandex, dis, v3io }: DialectsConfig): readonly Dialect[] {
  return [
    createKinesis({
      ...kinesis,
      limits: {
        ...kinesis.limits,
        requestBytesMax: kinesis.requestBytesMax,
        largeRecordBytesMax: kinesis.largeRecordBytesMax,
        retentionHoursMin: 24,
      },
      alsoOpens: YANDEX_OPERATIONS,
    }),
    createYandex({
      ...yandex,
      limits: {
        ...yandex.limits,
        requestBytesMax: yandex.requestBytesMax,
        largeRecordBytesMax: yandex.limits.recordBytesMax,
        retentionHoursMin: 1,
      },
      accountId: kinesis.accountId,
    }),
    createDis({ ...dis, limits: { ...dis.limits, retentionHoursMax: dis.retentionHoursMax } }),
    createV3io({
      ...v3io,
      limits: {
        ...v3io.limits,
        readBytesMax: v3io.readBytesMax,
        keyBytesMax: v3io.keyBytesMax,
        clientInfoBytesMax: v3io.clientInfoBytesMax,
        shardsMax: v3io.shardsMax,
        retentionHoursMax: v3io.retentionHoursMax,
      },
    }),
  ]
}
