"""Raw viewers of one run: each takes a frame as soon as there is one, and says at once that it has painted it.

    python -m benchmarks.viewers SOCKET_URL COUNT

Prints "ready" once all are connected; for every line with a number of seconds, the frames and bytes that came in them.
"""

from __future__ import annotations

import asyncio
import json
import sys

from benchmarks.sessions import Session


async def main() -> None:
    url, count = sys.argv[1], int(sys.argv[2])
    address, _, run = url.replace("ws", "http", 1).partition("/gandyn/stream?run=")
    viewers = [Session(address) for _ in range(count)]
    await asyncio.gather(*(viewer.view(run) for viewer in viewers))
    print("ready", flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        for viewer in viewers:
            viewer.frames = viewer.bytes = 0
        await asyncio.sleep(float(line))
        if any(viewer.lost for viewer in viewers):
            raise SystemExit("the server closed a viewer's connection")
        counts = {name: sum(getattr(viewer, name) for viewer in viewers) for name in ("frames", "bytes")}
        print(json.dumps(counts), flush=True)
    await asyncio.gather(*(viewer.close() for viewer in viewers))


if __name__ == "__main__":
    asyncio.run(main())
