"""Puts records into Huawei DIS' dialect with its SDK: pip install huaweicloud-sdk-python-dis

    python3 examples/huawei-dis.py [ENDPOINT] [STREAM]

What differs from a program for Huawei Cloud is the endpoint. The SDK sends again by itself what failed
for a passing reason.
"""

import sys

from dis_sdk_python import disclient

endpoint = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080"
stream = sys.argv[2] if len(sys.argv) > 2 else "demo"

dis = disclient(endpoint=endpoint, ak="any", sk="any", projectid="project", region="cn-north-1")

records = [
    {"data": '{"celsius":21.5}', "partition_key": "sensor-1"},
    {"data": '{"celsius":22}', "partition_key": "sensor-2"},
    {"data": '{"celsius":22.5}', "partition_id": "shardId-0000000000"},
]
response = dis.putRecords(stream, records)
for result in response.recordResult:
    if "error_code" in result:
        print(result["error_code"], result["error_message"])
    else:
        print(result["partition_id"], result["sequence_number"])
sys.exit(1 if response.failedRecordCount else 0)
