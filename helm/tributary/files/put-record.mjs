// What `helm test` runs: puts a record through the Kinesis dialect and wants to see it acknowledged. A stream that
// was not there is created, and deleted afterwards. Signs where there is a key. Whether the certificate bears the
// name of the Service in the cluster is not what is tested.

import { createHash, createHmac } from 'node:crypto'
import { request as plain } from 'node:http'
import { request as encrypted } from 'node:https'

const { ENDPOINT, STREAM, AWS_ACCESS_KEY_ID: keyId, AWS_SECRET_ACCESS_KEY: secret } = process.env
const url = new URL(ENDPOINT)
const REGION = 'us-east-1'
const DEADLINE_MS = Date.now() + 60_000

const hmac = (key, text) => createHmac('sha256', key).update(text).digest()
const sha256 = (text) => createHash('sha256').update(text).digest('hex')

/** AWS Signature Version 4 of a POST to /. */
function authorization(headers, body) {
  const time = headers['x-amz-date']
  const scope = `${time.slice(0, 8)}/${REGION}/kinesis/aws4_request`
  const names = Object.keys(headers).sort()
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join('')
  const canonical = `POST\n/\n\n${lines}\n${names.join(';')}\n${sha256(body)}`
  const key = scope.split('/').reduce(hmac, `AWS4${secret}`)
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`)
  return `AWS4-HMAC-SHA256 Credential=${keyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature.toString('hex')}`
}

function call(operation, input) {
  const body = JSON.stringify(input)
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    host: url.host,
    'x-amz-date': new Date().toISOString().replace(/[-:]|\.\d+/g, ''),
    'x-amz-target': `Kinesis_20131202.${operation}`,
  }
  const signed = keyId ? { ...headers, authorization: authorization(headers, body) } : headers
  const send = url.protocol === 'https:' ? encrypted : plain
  const options = { method: 'POST', headers: signed, rejectUnauthorized: false, timeout: 20_000 }
  return new Promise((resolve, reject) => {
    const sent = send(url, options, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => (text += chunk))
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode, text }))
    })
    sent.on('error', reject)
    sent.on('timeout', () => sent.destroy(new Error('no answer within 20 s')))
    sent.end(body)
  })
}

/** Until it succeeds: a new stream takes a moment, and so does a new Service. */
async function put() {
  for (;;) {
    const { status, text } = await call('PutRecord', {
      StreamName: STREAM,
      PartitionKey: 'helm-test',
      Data: Buffer.from('helm test').toString('base64'),
    }).catch((error) => ({ status: 0, text: error.message }))
    console.log(`PutRecord: ${status} ${text}`)
    if (status === 200 && JSON.parse(text).SequenceNumber) return true
    if (
      (status >= 400 && status < 500 && !/ResourceNotFound/.test(text)) ||
      Date.now() > DEADLINE_MS
    )
      return false
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
}

const created = await call('CreateStream', { StreamName: STREAM, ShardCount: 1 }).catch(
  (error) => ({ status: 0, text: error.message }),
)
console.log(`CreateStream: ${created.status} ${created.text}`)
const acknowledged = await put()
if (created.status === 200) {
  const { status, text } = await call('DeleteStream', { StreamName: STREAM })
  console.log(`DeleteStream: ${status} ${text}`)
}
console.log(acknowledged ? 'The record was acknowledged.' : 'The record was not acknowledged.')
process.exit(acknowledged ? 0 : 1)
