"""Puts records into Iguazio v3io's dialect with its client: pip install v3io

    python3 examples/iguazio-v3io.py [ENDPOINT] [STREAM]

What differs from a program for Iguazio is the endpoint. STREAM is CONTAINER/PATH; with dots for
slashes it is the topic in Kafka.
"""

import sys

import v3io.dataplane

endpoint = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080"
stream = sys.argv[2] if len(sys.argv) > 2 else "demo/v3io"
container, path = stream.split("/", 1)

client = v3io.dataplane.Client(endpoint=endpoint, access_key="any")

# A call that fails as a whole is raised; a record that fails alone is told in its place.
records = [
    {"data": '{"celsius":21.5}', "partition_key": "sensor-1"},
    {"data": '{"celsius":22}', "shard_id": 0, "client_info": b"json"},
    {"data": '{"celsius":22.5}'},
]
response = client.stream.put_records(container=container, stream_path=path, records=records)
for result in response.output.records:
    if result.error_code is not None:
        print(result.error_code, result.error_message)
    else:
        print(result.shard_id, result.sequence_number)
client.close()
sys.exit(1 if response.output.failed_record_count else 0)
