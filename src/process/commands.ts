// Commands that put a record, as people paste them: printed at the start, and shown by the console.

import type { Demo } from './demo.ts'

const BODY = {
  kinesis: (stream: string) => `{"StreamName":"${stream}","PartitionKey":"k1","Data":"aGVsbG8="}`,
  dis: (stream: string) =>
    `{"stream_name":"${stream}","records":[{"data":"aGVsbG8=","partition_key":"k1"}]}`,
  v3io: '{"Records":[{"Data":"aGVsbG8=","PartitionKey":"k1"}]}',
}

export const JSON_1_1 = `-H 'Content-Type: application/x-amz-json-1.1'`
const PUT_RECORD = `-H 'X-Amz-Target: Kinesis_20131202.PutRecord'`

function boto3(url: string, region: string, stream: string): string {
  return `python3 - <<'EOF'
import boto3
kinesis = boto3.client("kinesis", endpoint_url="${url}", region_name="${region}",
                       aws_access_key_id="any", aws_secret_access_key="any")
print(kinesis.put_record(StreamName="${stream}", PartitionKey="k1", Data=b"hello"))
EOF`
}

function awsCli(url: string, region: string, stream: string): string {
  return `echo hello | AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any aws --region ${region} \\
  --endpoint-url ${url} kinesis put-record --stream-name ${stream} --partition-key k1 --data fileb:///dev/stdin`
}

function plainPython(url: string, headers: string, body: string): string {
  return `python3 - <<'EOF'
import urllib.request
request = urllib.request.Request("${url}", b'${body}', ${headers})
print(urllib.request.urlopen(request).read().decode())
EOF`
}

/** By dialect, the commands that put a record through it. */
export function commandsOf(url: string, { stream, path }: Demo) {
  const yandex = `/ru-central1/folder/database/${stream}`
  return {
    'Amazon Kinesis': [
      `curl ${url}/ ${PUT_RECORD} ${JSON_1_1} -d '${BODY.kinesis(stream)}'`,
      awsCli(url, 'us-east-1', stream),
      boto3(url, 'us-east-1', stream),
    ],
    'Yandex Data Streams': [
      `curl ${url}/ ${PUT_RECORD} ${JSON_1_1} -d '${BODY.kinesis(yandex)}'`,
      awsCli(url, 'ru-central1', yandex),
      boto3(url, 'ru-central1', yandex),
    ],
    'Huawei DIS': [
      `curl ${url}/v2/project/records -H 'Content-Type: application/json' -d '${BODY.dis(stream)}'`,
      plainPython(
        `${url}/v2/project/records`,
        '{"Content-Type": "application/json"}',
        BODY.dis(stream),
      ),
    ],
    'Iguazio v3io': [
      `curl ${url}/${path}/ -H 'X-v3io-function: PutRecords' -d '${BODY.v3io}'`,
      plainPython(`${url}/${path}/`, '{"X-v3io-function": "PutRecords"}', BODY.v3io),
    ],
  }
}
