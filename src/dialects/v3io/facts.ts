// What an installation may set of this dialect: the vendor's limits, as fields.

export interface Limits {
  /** The whole JSON body; the vendor's is 10 MiB. */
  readonly bodyBytesMax: number
  /** Data of one record, decoded; the vendor's is 2 MiB (1 MiB before 1.9.4). */
  readonly recordBytesMax: number
  /** Records of one PutRecords; the vendor's is 1,000. */
  readonly recordsMax: number
  /** A partition key in UTF-8; the vendor's is 256. */
  readonly keyBytesMax: number
  /** ClientInfo, decoded; the vendor's is 16. */
  readonly clientInfoBytesMax: number
  /** The vendor's is 4,096. */
  readonly shardsMax: number
  /** Data, keys and ClientInfo of one GetRecords; the vendor's whole answer has 10 MiB. */
  readonly readBytesMax: number
  /** The vendor's is a year. */
  readonly retentionHoursMax: number
}
