// Whose signature a call carries: AWS Signature Version 4 in its header or its query form
// (docs: "Signing AWS API requests"). Identity is open here: the form is read, for the access key
// id and the region that ARNs name, and nothing is verified.

import type { Head } from '../../core/dialect.ts'

export interface Credential {
  readonly accessKeyId: string
  readonly region: string | undefined
}

/** The credential scope of a call, in whichever form it is there. */
export function readCredential({ headers, query }: Head): Credential | undefined {
  const text =
    /Credential=([^,\s]+)/.exec(headers['authorization'] ?? '')?.[1] ??
    new URLSearchParams(query).get('X-Amz-Credential') ??
    undefined
  if (text === undefined) return undefined
  const [accessKeyId = '', , region] = text.split('/')
  return { accessKeyId, region }
}
