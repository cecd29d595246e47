// The streams that first steps are made with.

import type { Config } from '../config/schema.ts'
import type { Dialect } from '../core/dialect.ts'
import type { Streams } from '../core/streams.ts'

export interface Demo {
  /** For the dialects whose streams have plain names. */
  readonly stream: string
  /** For v3io: a container and a path. */
  readonly path: string
}

export const DEMO: Demo = { stream: 'demo', path: 'demo/v3io' }

export interface DemoOptions {
  readonly config: Config
  readonly dialects: readonly Dialect[]
  readonly streams: Streams
}

/** Makes the demo streams of the embedded Kafka, unless the configuration wants none. */
export async function createDemo({ config, dialects, streams }: DemoOptions): Promise<Demo> {
  const { demoStream: stream, demoShards: shards } = config.embedded
  if (stream === '') return DEMO
  const demo = { stream, path: `${stream}/v3io` }
  const wanted = [
    { owner: 'kinesis', name: demo.stream },
    { owner: 'v3io', name: demo.path },
  ]
  for (const { owner, name } of wanted) {
    const dialect = dialects.find((each) => each.name === owner)
    const ref = dialect?.names.parse(name)
    if (ref) await streams.createIfMissing(ref, { shards, recordBytesMax: recordMax(config) })
  }
  return demo
}

function recordMax({ dialects }: Config): number {
  return Math.max(...Object.values(dialects).map(({ limits }) => limits.recordBytesMax))
}
