// Throw-away X.509 certificates for tests of TLS, in PEM, made with node:crypto alone: nothing to
// install, and nothing in the repository that expires. Elliptic curve P-256, valid for a week.
import {
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
  const name = commonName('Tributary test authority')
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const own = { subject: name, publicKey: keys.publicKey, authority: true }
  const ca = certificate(own, name, keys.privateKey)
  return {
    ca,
    issue: (subject) => {
      const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const plan = { subject: commonName(subject), publicKey: pair.publicKey, authority: false }
      return {
        cert: certificate(plan, name, keys.privateKey),
        key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      }
    },
  }
}

interface Plan {
  readonly subject: Buffer
  readonly publicKey: KeyObject
  readonly authority: boolean
}

const DAY_MS = 24 * 60 * 60 * 1000
const ECDSA_WITH_SHA256 = Buffer.from('06082a8648ce3d040302', 'hex')

function certificate(plan: Plan, issuer: Buffer, issuerKey: KeyObject): string {
  const algorithm = der(0x30, ECDSA_WITH_SHA256)
  const serial = randomBytes(16)
  serial[0] = 0x01
  const body = der(
    0x30,
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, serial),
    algorithm,
    issuer,
    der(0x30, time(Date.now() - DAY_MS), time(Date.now() + 7 * DAY_MS)),
    plan.subject,
    plan.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, plan.authority ? basicConstraints() : alternativeNames())),
  )
  const signature = sign('sha256', body, issuerKey)
  const whole = der(0x30, body, algorithm, der(0x03, Buffer.of(0), signature))
  return new X509Certificate(whole).toString()
}

function basicConstraints(): Buffer {
  const authority = der(0x30, der(0x01, Buffer.of(0xff)))
  const id = Buffer.from('0603551d13', 'hex')
  return der(0x30, id, der(0x01, Buffer.of(0xff)), der(0x04, authority))
}

function alternativeNames(): Buffer {
  const names = der(0x30, der(0x82, Buffer.from('localhost')), der(0x87, Buffer.of(127, 0, 0, 1)))
  return der(0x30, Buffer.from('0603551d11', 'hex'), der(0x04, names))
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
