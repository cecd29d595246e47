// Runs the core of Huawei's SDKs of version 3, unmodified, for a test.
//
//   node huawei-core.mjs OPTIONS     in a folder where it is installed
//
// A line of JSON comes in per call, {method, path, members}, and one goes out for what became of it:
// {result} or {error: {status, code, message}}. Members of a GET or DELETE are its query. Ends with
// its input. What the core prints goes to standard error.

import { createRequire } from 'node:module'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'

const answer = process.stdout.write.bind(process.stdout)
process.stdout.write = process.stderr.write.bind(process.stderr)
const load = createRequire(join(process.cwd(), 'package.json'))
const CORE = '@huaweicloud/huaweicloud-sdk-core'
const { BasicCredentials } = load(`${CORE}/auth/BasicCredentials.js`)
const { ClientBuilder } = load(`${CORE}/ClientBuilder.js`)
const { Region } = load(`${CORE}/region/region.js`)
const { endpoint, key, secret, derived } = JSON.parse(process.argv[2])

const credentials = new BasicCredentials().withAk(key).withSk(secret).withProjectId('p1')
const builder = new ClientBuilder((client) => client)
if (derived) {
  credentials.withDerivedPredicate(() => true)
  builder.withDerivedAuthServiceName('dis')
}
const client = builder
  .withCredential(credentials)
  .withRegion(new Region('cn-north-1', endpoint))
  .build()

async function call({ method, path, members = {} }) {
  const isQuery = method === 'GET' || method === 'DELETE'
  return client.sendRequest({
    method,
    url: path,
    contentType: 'application/json',
    queryParams: isQuery ? members : {},
    pathParams: {},
    headers: {},
    data: isQuery ? {} : members,
  })
}

for await (const line of createInterface(process.stdin)) {
  let outcome
  try {
    outcome = { result: await call(JSON.parse(line)) }
  } catch (error) {
    const { httpStatusCode: status, errorCode: code, message, errorMsg } = error
    outcome = { error: { status, code, message: errorMsg ?? message } }
  }
  answer(`${JSON.stringify(outcome)}\n`)
}
