"""Writes the vectors beside it: requests as botocore signs them at a fixed time, in the header and in the
query. Run by hand, with botocore installed, when a case is added: python sign.py
"""

import base64
import datetime
import hashlib
import json
import pathlib

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

AT = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
KEY = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
TEMPORARY = Credentials("ASIATEMPORARY", "Temp+Secret/0123456789==", "session/token+with=signs==")
JSON = "application/x-amz-json-1.1"
BODY = b'{"StreamName":"orders","PartitionKey":"k","Data":"QQ=="}'
HOST = "http://kinesis.example:8080"

# Name: credentials, region, URL, further headers, body.
CASES = {
    "json": (KEY, "us-east-1", f"{HOST}/", {}, BODY),
    "session-token": (TEMPORARY, "us-east-1", f"{HOST}/", {}, BODY),
    "another-region": (KEY, "eu-central-1", f"{HOST}/", {}, BODY),
    "cbor": (
        KEY,
        "us-east-1",
        f"{HOST}/",
        {"Content-Type": "application/x-amz-cbor-1.1"},
        b"\xbf\x6aStreamName\x66orders\x64Data\x59\x01\x00" + bytes(range(256)) + b"\xff",
    ),
    "default-port": (KEY, "us-east-1", "http://kinesis.example/", {}, BODY),
    "path": (KEY, "us-east-1", f"{HOST}/some path/%C3%B6/a+b/~x", {}, BODY),
    "query": (KEY, "us-east-1", f"{HOST}/?b=2&a=1&a=0&c=&d=%20%2F%C3%B6&B=x", {}, BODY),
    "blanks-in-headers": (KEY, "us-east-1", f"{HOST}/", {"X-Amz-Meta": "  a   b  c "}, BODY),
    "unicode-body": (
        KEY,
        "us-east-1",
        f"{HOST}/",
        {},
        '{"StreamName":"orders","PartitionKey":"ключ😀","Data":"QQ=="}'.encode(),
    ),
}


def request_of(url, headers, body):
    return AWSRequest(
        method="POST",
        url=url,
        headers={
            "Content-Type": JSON,
            "X-Amz-Target": "Kinesis_20131202.PutRecord",
            **headers,
        },
        data=body,
    )


class Presigning(botocore.auth.SigV4QueryAuth):
    """botocore would put the body's members into the query, as its query protocol has them."""

    def __init__(self, body, *arguments, **options):
        super().__init__(*arguments, **options)
        self.body = body

    def add_auth(self, request):
        request.data = b""
        super().add_auth(request)

    def payload(self, request):
        return hashlib.sha256(self.body).hexdigest()


def vector(form, credentials, region, url, headers, body):
    request = request_of(url, headers, body)
    if form == "header":
        botocore.auth.SigV4Auth(credentials, "kinesis", region).add_auth(request)
    else:
        Presigning(body, credentials, "kinesis", region, expires=900).add_auth(request)
    prepared = request.prepare()
    host, target = prepared.url[len("http://") :].split("/", 1)
    sent = {name.lower(): value for name, value in request.headers.items()}
    return {
        "signer": f"botocore {botocore.__version__}",
        "secret": credentials.secret_key,
        "at": AT.strftime("%Y%m%dT%H%M%SZ"),
        "method": "POST",
        "target": f"/{target}",
        "headers": {"host": host, **sent},
        "body_base64": base64.b64encode(body).decode(),
    }


def main():
    botocore.auth.get_current_datetime = lambda *_, **__: AT.replace(tzinfo=None)
    here = pathlib.Path(__file__).parent
    for name, (credentials, *rest) in CASES.items():
        for form in ("header", "query"):
            file = here / f"{name}.{form}.json"
            text = json.dumps(vector(form, credentials, *rest), indent=2, ensure_ascii=False)
            file.write_text(f"{text}\n")


main()
