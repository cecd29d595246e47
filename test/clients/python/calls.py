"""Runs a vendor's client, unmodified, for a test.

    python calls.py CLIENT OPTIONS

A line of JSON comes in per call, {"method": …, "args": {…} or […]}, and one goes out for what
became of it: {"result": …} or {"error": {"type": …, "message": …, …}}. Bytes travel as
{"bytes": base64}, times as {"seconds": since 1970}. Ends with its input. What clients print goes to
standard error.
"""

import asyncio
import base64
import contextlib
import datetime
import json
import os
import sys


def boto3_client(
    endpoint, region, key="any", secret="any", token=None, attempts=1, retries="legacy"
):
    """Amazon's SDK: args are keyword arguments, the result is the reply as boto3 gives it."""
    import boto3
    from botocore.config import Config

    client = boto3.client(
        "kinesis",
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(retries={"total_max_attempts": attempts, "mode": retries}),
    )

    def call(method, args):
        reply = getattr(client, method)(**args)
        return first_records(reply["EventStream"]) if "EventStream" in reply else reply

    return call


def first_records(events):
    """The first event of a subscription that has records; the subscription is ended."""
    with contextlib.closing(events):
        for event in events:
            if event["SubscribeToShardEvent"]["Records"]:
                return event["SubscribeToShardEvent"]


def v3io_client(endpoint, transport, key="any"):
    """Iguazio's client: a method such as `stream.create`; the result is status, body and output."""
    import v3io.dataplane

    client = v3io.dataplane.Client(endpoint=endpoint, access_key=key, transport_kind=transport)
    return lambda method, args: v3io_result(v3io_method(client, method)(**args))


def v3io_aio_client(endpoint):
    """The same, asynchronous, over aiohttp."""
    import v3io.aio.dataplane

    loop = asyncio.new_event_loop()

    async def make():
        return v3io.aio.dataplane.Client(endpoint=endpoint, access_key="any")

    client = loop.run_until_complete(make())

    def call(method, args):
        return v3io_result(loop.run_until_complete(v3io_method(client, method)(**args)))

    return call


def v3io_method(client, name):
    """A method without a model's name is one of `stream`."""
    model, _, method = name.rpartition(".")
    return getattr(getattr(client, model or "stream"), method)


def v3io_result(response):
    return {"status": response.status_code, "body": response.body, "output": response.output}


def dis_client(endpoint, key="any", secret="any", **options):
    """Huawei's SDK: args are positional; the result is status and body."""
    from dis_sdk_python import disclient

    client = disclient(endpoint, key, secret, "project", "region", **options)

    def call(method, args):
        response = getattr(client, method)(*args)
        return {"status": response.statusCode, "body": response.body}

    return call


def dis_protobuf_client(endpoint, **options):
    """The same, whose bodies are protobuf: it has no type for the entries that it reads."""
    return dis_client(endpoint, bodySerializeType="protobuf", **options)


CLIENTS = {
    "boto3": boto3_client,
    "v3io": v3io_client,
    "v3io.aio": v3io_aio_client,
    "dis": dis_client,
    "dis.protobuf": dis_protobuf_client,
}


def to_json(value):
    """What JSON has no form for: bytes, dates, and the objects that clients answer with."""
    if isinstance(value, (bytes, bytearray)):
        return {"bytes": base64.b64encode(value).decode()}
    if isinstance(value, datetime.datetime):
        return {"seconds": value.timestamp()}
    return vars(value) if hasattr(value, "__dict__") else str(value)


def from_json(value):
    if set(value) == {"seconds"}:
        return datetime.datetime.fromtimestamp(value["seconds"], datetime.timezone.utc)
    return base64.b64decode(value["bytes"]) if set(value) == {"bytes"} else value


def describe(error):
    known = {
        "code": getattr(error, "response", {}).get("Error", {}).get("Code"),
        "status": getattr(error, "status_code", None) or status_of(error),
    }
    given = {name: value for name, value in known.items() if value is not None}
    return {"type": type(error).__name__, "message": str(error), **given}


def status_of(error):
    metadata = getattr(error, "response", {}).get("ResponseMetadata", {})
    return metadata.get("HTTPStatusCode")


def outcome(call, line):
    try:
        request = json.loads(line, object_hook=from_json)
        return {"result": call(request["method"], request["args"])}
    except Exception as error:
        return {"error": describe(error)}


def main(name, options):
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    call = CLIENTS[name](**json.loads(options))
    for line in sys.stdin:
        print(json.dumps(outcome(call, line), default=to_json), file=answers, flush=True)


main(*sys.argv[1:])
