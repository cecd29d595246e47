"""Puts records into Yandex Data Streams' dialect with boto3: pip install boto3

    python3 examples/yandex.py [ENDPOINT] [STREAM]

What differs from a program for Yandex Cloud is the endpoint. A stream is named by its full path,
/region/folder/database/stream; its last part is the topic in Kafka.
"""

import sys

import boto3

endpoint = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080"
stream = sys.argv[2] if len(sys.argv) > 2 else "/ru-central1/folder/database/demo"

streams = boto3.client(
    "kinesis",
    endpoint_url=endpoint,
    region_name="ru-central1",
    aws_access_key_id="any",
    aws_secret_access_key="any",
)

# One record: what fails is raised.
one = streams.put_record(StreamName=stream, PartitionKey="sensor-1", Data=b'{"celsius":21.5}')
print(one["ShardId"], one["SequenceNumber"])

# Many records: each succeeds or fails in its place, and what failed is sent again.
records = [
    {"PartitionKey": "sensor-2", "Data": f'{{"celsius":{celsius}}}'.encode()}
    for celsius in (22, 22.5, 23)
]
for _ in range(5):
    results = streams.put_records(StreamName=stream, Records=records)["Records"]
    for result in results:
        print(result.get("ErrorCode") or f"{result['ShardId']} {result['SequenceNumber']}")
    records = [record for record, result in zip(records, results) if "ErrorCode" in result]
    if not records:
        break
sys.exit(1 if records else 0)
