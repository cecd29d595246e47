// Why a signature is not accepted, in the words of the service's front end (recorded by kinesalite and
// dynalite against the service). A header that is no signature of AWS's is never quoted: it holds a
// secret, mostly.

import { BridgeError } from '../../core/errors.ts'
import { SIGV4 } from '../shared/sigv4.ts'

const INCOMPLETE = 'IncompleteSignatureException'
const INVALID = 'InvalidSignatureException'
const UNRECOGNIZED = 'UnrecognizedClientException'

function refusal(type: string, message: string): BridgeError {
  return new BridgeError('not-authenticated', message, { as: type })
}

/** The header as a message may quote it. */
function quoted(header: string): string {
  return header.startsWith('AWS4-') ? header : '…'
}

export const REFUSALS = {
  both: () =>
    refusal(
      INVALID,
      "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
    ),
  unsigned: () => refusal('MissingAuthenticationTokenException', 'Missing Authentication Token'),
  noPair: (token: string, header: string) =>
    refusal(
      INCOMPLETE,
      `'${header.startsWith('AWS4-') ? token : '…'}' not a valid key=value pair (missing equal-sign) in Authorization header: '${quoted(header)}'.`,
    ),
  incompleteHeader: (missing: readonly string[], hasDate: boolean, header: string) =>
    refusal(
      INCOMPLETE,
      [
        ...missing.map((name) => `Authorization header requires '${name}' parameter. `),
        hasDate
          ? ''
          : "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ",
        `Authorization=${quoted(header)}`,
      ].join(''),
    ),
  incompleteQuery: (missing: readonly string[]) =>
    refusal(
      INCOMPLETE,
      `${missing.map((name) => `AWS query-string parameters must include '${name}'. `).join('')}Re-examine the query-string parameters.`,
    ),
  date: (text: string) =>
    refusal(
      INCOMPLETE,
      `Date must be in ISO-8601 'basic format'. Got '${text}'. See http://en.wikipedia.org/wiki/ISO_8601`,
    ),
  /** `times`: the signature's, the earliest accepted, and now. */
  expired: ([time, earliest, now]: readonly string[], minutes: number) =>
    refusal(
      INVALID,
      `Signature expired: ${time} is now earlier than ${earliest} (${now} - ${minutes} min.)`,
    ),
  early: ([time, latest, now]: readonly string[], minutes: number) =>
    refusal(
      INVALID,
      `Signature not yet current: ${time} is still later than ${latest} (${now} + ${minutes} min.)`,
    ),
  /** `name`: of a header that must be signed. */
  headerUnsigned: (name: string) =>
    refusal(INVALID, `${name} must be a 'SignedHeader' in the AWS Authorization.`),
  algorithm: (algorithm: string) =>
    refusal(INCOMPLETE, `Unsupported AWS 'algorithm': '${algorithm}' (only ${SIGV4} for now). `),
  credential: (credential: string) =>
    refusal(
      INCOMPLETE,
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'`,
    ),
  scope: (findings: readonly string[]) => refusal(INVALID, findings.join(' ')),
  unknownKey: () => refusal(UNRECOGNIZED, 'The security token included in the request is invalid.'),
  mismatch: () =>
    refusal(
      INVALID,
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    ),
  sessionToken: () =>
    refusal(UNRECOGNIZED, 'The security token included in the request is invalid'),
  /** A token that is sent instead of a signature. */
  token: () => refusal(UNRECOGNIZED, 'The security token included in the request is invalid'),
}

export type Refusals = typeof REFUSALS
