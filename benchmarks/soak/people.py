"""People who come and go: they reload, put the tab aside, close the laptop, have slow lines, steer now and then."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from benchmarks.sessions import Session
from benchmarks.soak.server import Held, Server

COME_S = 10.0  # within which all of them come
MINUTE_S = 60.0  # between two looks at the server
SLOW = 200_000  # bytes a second of a slow line
PATIENCE_S = 30.0  # for a frame, after all that was done to a page
GONE_S = 140.0  # after all have gone: the pasts of the last ones are kept for two minutes


@dataclass
class Crowd:
    """What became of all of them."""

    joined: list[float] = field(default_factory=list)  # seconds until the first frame, of each page that was opened
    delays: list[float] = field(default_factory=list)  # seconds from a moved slider to its frame
    lost: list[str] = field(default_factory=list)  # pages that could not be opened or went away, with the error
    pages: dict[int, Session] = field(default_factory=dict)  # of each person, the one that is open


class Person:
    """One of them: what it does is a function of its number."""

    def __init__(self, address: str, number: int, crowd: Crowd) -> None:
        self._address, self._number, self._crowd = address, number, crowd
        self._chance = random.Random(number)

    async def live(self, until: float, after: float) -> None:
        """Come after so many seconds, and stay."""
        await asyncio.sleep(after)
        try:
            page = await self._open()
            while time.monotonic() < until:
                page = await self._do_something(page)
            page.seen.set()
            if not await _shows_something_new(page):
                self._crowd.lost.append("no frame comes any more")
            await self._leave(page)
        except (OSError, ValueError, TimeoutError, ConnectionError) as error:
            self._crowd.lost.append(f"{type(error).__name__}: {error}")

    async def _open(self) -> Session:
        page = Session(self._address)
        await page.open()
        assert page.opened is not None
        self._crowd.joined.append(page.opened)
        self._crowd.pages[self._number] = page
        if self._chance.random() < 0.25:
            page.bandwidth = SLOW
        return page

    async def _leave(self, page: Session) -> None:
        self._crowd.delays += page.delays
        page.delays.clear()
        await page.close()

    async def _do_something(self, page: Session) -> Session:
        what = self._chance.random()
        if what < 0.03:  # reload
            await self._leave(page)
            page = await self._open()
        elif what < 0.06:  # another tab for a while
            page.seen.clear()
            await asyncio.sleep(self._chance.uniform(3, 20))
            page.seen.set()
        elif what < 0.08:  # the laptop sleeps
            await page.drop(self._chance.uniform(1, 15))
        elif what < 0.5:
            await page.change(1e-4 * self._chance.randint(1, 9))
        await asyncio.sleep(self._chance.uniform(0.5, 3))
        return page


async def _shows_something_new(page: Session) -> bool:
    before, until = page.frames, time.monotonic() + PATIENCE_S
    while page.frames == before and time.monotonic() < until:
        await asyncio.sleep(0.1)
    return page.frames > before


async def people(server: Server, count: int, seconds: float, gone: float = GONE_S) -> dict[str, Any]:
    """So many of them for so long; what was found each minute, and what was left of them after `gone` seconds."""
    crowd = Crowd()
    before = server.held()
    start = time.monotonic()
    lives = [
        asyncio.create_task(Person(server.address, i, crowd).live(start + COME_S + seconds, COME_S * i / count))
        for i in range(count)
    ]
    minutes = []
    while (left := start + COME_S + seconds - time.monotonic()) > 0:
        cpu, frames, at = server.cpu(), _frames(crowd), time.monotonic()
        await asyncio.sleep(min(MINUTE_S, left))
        wall = time.monotonic() - at
        minutes.append(
            {
                "at": time.monotonic() - start,
                "megabytes": server.held().megabytes,
                "cpu": (server.cpu() - cpu) / wall,
                "fps": _median_rate(frames, _frames(crowd), wall),
            }
        )
    await asyncio.gather(*lives)
    await asyncio.sleep(gone)
    return {
        "people": count,
        "seconds": seconds,
        "pages": len(crowd.joined),
        "lost": crowd.lost,
        "joined": float(np.quantile(crowd.joined, 0.95)),
        "delay": float(np.quantile(crowd.delays, 0.95)) if crowd.delays else None,
        "minutes": minutes,
        "before": asdict(before),
        "after": asdict(server.held()),
    }


def _frames(crowd: Crowd) -> dict[Session, int]:
    return {page: page.frames for page in crowd.pages.values()}


def _median_rate(before: dict[Session, int], after: dict[Session, int], wall: float) -> float | None:
    """Frames a second of those pages that were there all the time."""
    rates = [(after[page] - was) / wall for page, was in before.items() if page in after]
    return statistics.median(rates) if rates else None


def is_back(before: Held, after: Held) -> bool:
    """Whether nothing is left of those who have gone, of what can be counted."""
    return (after.sessions, after.documents) == (before.sessions, before.documents) and after.threads <= before.threads
