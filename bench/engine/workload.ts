// What the engine is measured with.

export interface Workload {
  readonly name: string
  readonly recordBytes: number
  /** Records of one call. */
  readonly records: number
  /** Calls at once. */
  readonly calls: number
}

export const WORKLOADS: readonly Workload[] = [
  { name: '500 × 1 KiB, 8 calls', recordBytes: 1024, records: 500, calls: 8 },
  { name: '1 × 1 KiB, 64 calls', recordBytes: 1024, records: 1, calls: 64 },
  { name: '500 × 100 B, 8 calls', recordBytes: 100, records: 500, calls: 8 },
]

export const PARTITIONS = 16
