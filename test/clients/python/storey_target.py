"""Runs storey's stream target, unmodified, for a test.

    python storey_target.py URL PATH SHARDS COUNT

Events {"n": 0, "text": "event 0"} and so on, sharded by n. Ends when all of them were acknowledged.
"""

import sys

import storey


def main(url, path, shards, count):
    driver = storey.V3ioDriver(webapi=url, access_key="any")
    target = storey.StreamTarget(
        driver,
        path,
        sharding_func="n",
        shards=shards,
        retention_period_hours=48,
        infer_columns_from_data=True,
    )
    flow = storey.build_flow([storey.SyncEmitSource(), target]).run()
    for n in range(count):
        flow.emit({"n": n, "text": f"event {n}"})
    flow.terminate()
    flow.await_termination()


main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
