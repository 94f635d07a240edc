"""Sessions of one server at once: how many frames and steps a second each has, and how soon a slider is seen."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.sessions import Session
from benchmarks.soak.server import Server

COME_S = 5.0  # within which all sessions come
SETTLE_S = 3.0  # before the count begins
GONE_S = 20.0  # in which the server lets go of them


async def come(sessions: Sequence[Session], within: float) -> float:
    """Open them, evenly within so many seconds; the seconds until all are open."""
    start = time.monotonic()

    async def one(session: Session, after: float) -> None:
        await asyncio.sleep(after)
        await session.open()

    await asyncio.gather(*(one(session, within * i / len(sessions)) for i, session in enumerate(sessions)))
    return time.monotonic() - start


async def steer(sessions: Sequence[Session], seconds: float) -> None:
    """Move a slider of each of them once a second, evenly over the second."""
    start = time.monotonic()
    for second in range(int(seconds)):
        for i, session in enumerate(sessions):
            await asyncio.sleep(max(0.0, start + second + i / len(sessions) - time.monotonic()))
            await session.change(1e-4 * (1 + (second + 1) % 7))
    await asyncio.sleep(max(0.0, start + seconds - time.monotonic()))


async def counted(server: Server, sessions: Sequence[Session], steering: Sequence[Session], seconds: float) -> Any:
    """Frames and steps of each a second (median and least), fairness, delays, cores, while some of them steer."""
    for session in sessions:
        session.delays.clear()
    before, cpu, start = [(one.frames, one.step) for one in sessions], server.cpu(), time.monotonic()
    await steer(steering, seconds)
    wall = time.monotonic() - start
    frames = [(one.frames - was[0]) / wall for one, was in zip(sessions, before, strict=True)]
    steps = [(one.step - was[1]) / wall for one, was in zip(sessions, before, strict=True)]
    delays = [delay for one in sessions for delay in one.delays]
    return {
        "fps": [statistics.median(frames), min(frames)],
        "steps": [statistics.median(steps), min(steps)],
        "fair": min(frames) / max(frames),
        "delay": float(np.quantile(delays, 0.95)) if delays else None,
        "cpu": (server.cpu() - cpu) / wall,
    }


async def row(server: Server, count: int, seconds: float) -> dict[str, Any]:
    """The row of so many sessions, of which half steer."""
    sessions = [Session(server.address) for _ in range(count)]
    opened = await come(sessions, COME_S)
    await asyncio.sleep(SETTLE_S)
    figures = await counted(server, sessions, sessions[::2], seconds)
    held = server.held()
    for session in sessions:
        await session.close()
    await asyncio.sleep(GONE_S)
    left = server.held()
    return figures | {
        "sessions": count,
        "opened": opened,
        "rss": held.megabytes,
        "left": [left.megabytes, left.sessions, left.threads],
    }


async def viewers(server: Server, count: int, seconds: float) -> dict[str, Any]:
    """The row of so many viewers of one run."""
    page = Session(server.address)
    await page.open()
    watching = [Session(server.address) for _ in range(count)]
    for one in watching:
        one.cookies = page.cookies
    start = time.monotonic()
    await asyncio.gather(*(one.view(page.run) for one in watching))
    opened = time.monotonic() - start
    await asyncio.sleep(SETTLE_S)
    figures = await counted(server, watching, [], seconds)
    for one in (page, *watching):
        await one.close()
    return figures | {"viewers": count, "opened": opened}


async def neighbour(server: Server, query: str, seconds: float) -> dict[str, Any]:
    """What is left to a page at its 60 steps a second beside one that asks for much, in one process."""
    page = Session(server.address)
    await page.open()
    await asyncio.sleep(SETTLE_S)
    alone = await counted(server, [page], [page], seconds)
    other = Session(server.address, query=query)
    await other.open()
    await asyncio.sleep(SETTLE_S)
    before = other.step
    beside = await counted(server, [page], [page], seconds)
    rate = (other.step - before) / seconds
    for one in (page, other):
        await one.close()
    return {"query": query, "alone": alone, "beside": beside, "its_steps": rate}
