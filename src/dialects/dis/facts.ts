// What is settable about this dialect: the vendor's limits as numbers.

export interface Limits {
  readonly bodyBytesMax: number
  /** Data of one record, decoded. */
  readonly recordBytesMax: number
  readonly recordsMax: number
  /** The longest `data_duration`, in hours. */
  readonly retentionHoursMax: number
}

export interface Facts {
  readonly limits: Limits
}

/** The name that streams of this dialect carry in their refs. */
export const DIALECT = 'dis'
