"""Raw viewers of one run: each takes a frame as soon as there is one, and says at once that it has painted it.

    python -m benchmarks.viewers SOCKET_URL COUNT

Prints "ready" once all are connected; for every line with a number of seconds, the frames and bytes that came in them.
"""

from __future__ import annotations

import asyncio
import json
import sys

from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from benchmarks.sessions import LAYERS, header_of


class Counts:
    def __init__(self) -> None:
        self.frames = self.bytes = 0


async def watch(url: str, counts: Counts) -> None:
    """One viewer, until the connection ends."""
    origin = url.replace("ws", "http", 1).split("/gandyn/")[0].rpartition("/dynamics")[0] or url.replace(
        "ws", "http", 1
    )
    request = HTTPRequest(url, headers={"Origin": "/".join(origin.split("/")[:3])})
    socket = await websocket_connect(request, max_message_size=1 << 26)
    await socket.write_message(json.dumps({"type": "hello", "layers": LAYERS}))
    while (message := await socket.read_message()) is not None:
        counts.frames += 1
        counts.bytes += len(message)
        await socket.write_message(json.dumps({"type": "ack", "id": header_of(message)["id"], "layers": LAYERS}))


async def main() -> None:
    url, count = sys.argv[1], int(sys.argv[2])
    counts = Counts()
    watchers = [asyncio.create_task(watch(url, counts)) for _ in range(count)]
    while counts.frames < count:
        await asyncio.sleep(0.05)
        for watcher in watchers:
            if watcher.done():
                watcher.result()
                raise SystemExit("the server closed a viewer's connection")
    print("ready", flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        counts.frames = counts.bytes = 0
        await asyncio.sleep(float(line))
        print(json.dumps({"frames": counts.frames, "bytes": counts.bytes}), flush=True)
    for watcher in watchers:
        watcher.cancel()


if __name__ == "__main__":
    asyncio.run(main())
