// Throw-away X.509 certificates, in PEM, for development and tests: made with node:crypto alone, so
// that there is nothing to install, and nothing in the repository that expires. Elliptic curve P-256,
// valid for a month, with the extensions that strict verifiers ask for (RFC 5280; Python 3.13).

import {
  createHash,
  generateKeyPairSync,
  randomBytes,
  sign,
  X509Certificate,
  type KeyObject,
} from 'node:crypto'

export interface Certificate {
  /** PEM. */
  readonly cert: string
  /** PEM, PKCS #8, not encrypted. */
  readonly key: string
}

/** An authority of its own, and what it signs for 127.0.0.1 and localhost. */
export interface Authority {
  /** PEM of the authority's own certificate: what the other side trusts. */
  readonly ca: string
  readonly issue: (commonName: string) => Certificate
}

export function createAuthority(): Authority {
  const name = commonName('Tributary throw-away authority')
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const issuer = { name, keys }
  const own = { subject: name, publicKey: keys.publicKey, extensions: authorityExtensions(keys) }
  return {
    ca: certificate(own, issuer),
    issue: (subject) => {
      const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const plan = {
        subject: commonName(subject),
        publicKey: pair.publicKey,
        extensions: leafExtensions(keys),
      }
      return {
        cert: certificate(plan, issuer),
        key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      }
    },
  }
}

interface Keys {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

interface Issuer {
  readonly name: Buffer
  readonly keys: Keys
}

interface Plan {
  readonly subject: Buffer
  readonly publicKey: KeyObject
  readonly extensions: readonly Buffer[]
}

const DAY_MS = 24 * 60 * 60 * 1000
const LIVES_MS = 30 * DAY_MS
const ECDSA_WITH_SHA256 = Buffer.from('06082a8648ce3d040302', 'hex')

function certificate(plan: Plan, { name, keys }: Issuer): string {
  const algorithm = der(0x30, ECDSA_WITH_SHA256)
  const serial = randomBytes(16)
  serial[0] = 0x01
  const body = der(
    0x30,
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, serial),
    algorithm,
    name,
    der(0x30, time(Date.now() - DAY_MS), time(Date.now() + LIVES_MS)),
    plan.subject,
    plan.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, ...plan.extensions)),
  )
  const signature = sign('sha256', body, keys.privateKey)
  const whole = der(0x30, body, algorithm, der(0x03, Buffer.of(0), signature))
  return new X509Certificate(whole).toString()
}

/** The last element of an extension's identifier, 2.5.29.x. */
const EXTENSION = {
  subjectKey: 14,
  keyUsage: 15,
  alternativeNames: 17,
  basicConstraints: 19,
  authorityKey: 35,
  extendedKeyUsage: 37,
}
const TRUE = der(0x01, Buffer.of(0xff))
const SERVER_AUTH = Buffer.from('06082b06010505070301', 'hex')
const CLIENT_AUTH = Buffer.from('06082b06010505070302', 'hex')
const LOCAL_NAMES = [
  der(0x82, Buffer.from('localhost')),
  der(0x87, Buffer.of(127, 0, 0, 1)),
  der(0x87, Buffer.of(...Array<number>(15).fill(0), 1)),
]

function extension(name: keyof typeof EXTENSION, value: Buffer, critical = false): Buffer {
  const id = Buffer.of(0x06, 3, 0x55, 0x1d, EXTENSION[name])
  return der(0x30, id, ...(critical ? [TRUE] : []), der(0x04, value))
}

/** Names a key in certificates; any bytes would do that are always the same. */
function keyId({ publicKey }: Keys): Buffer {
  const bytes = publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(bytes).digest().subarray(0, 20)
}

function authorityExtensions(own: Keys): Buffer[] {
  return [
    extension('basicConstraints', der(0x30, TRUE), true),
    // keyCertSign and cRLSign.
    extension('keyUsage', der(0x03, Buffer.of(1, 0x06)), true),
    extension('subjectKey', der(0x04, keyId(own))),
  ]
}

function leafExtensions(issuer: Keys): Buffer[] {
  return [
    extension('alternativeNames', der(0x30, ...LOCAL_NAMES)),
    extension('authorityKey', der(0x30, der(0x80, keyId(issuer)))),
    // digitalSignature.
    extension('keyUsage', der(0x03, Buffer.of(7, 0x80)), true),
    extension('extendedKeyUsage', der(0x30, SERVER_AUTH, CLIENT_AUTH)),
  ]
}

function commonName(text: string): Buffer {
  const attribute = der(0x30, Buffer.from('0603550403', 'hex'), der(0x0c, Buffer.from(text)))
  return der(0x30, der(0x31, attribute))
}

function time(atMs: number): Buffer {
  const text = new Date(atMs).toISOString().replace(/[-:T]|\.\d+/g, '')
  return der(0x18, Buffer.from(text))
}

/** One DER element: tag, length, content. */
function der(tag: number, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content)
  const { length } = body
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), body])
  const head = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...head), body])
}
