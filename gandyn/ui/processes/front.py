"""The process that listens: it hands each connection to the process that has its browser's pages, and keeps them alive.

A page and its sockets are one process's, since its run is. What is sent goes through no proxy: the head of a request is
looked at, not read, and the connection itself is handed on (SCM_RIGHTS, unix(7)).
"""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
import sys
import time
from collections import OrderedDict, deque
from contextlib import closing, suppress

from gandyn.records.signals import withheld
from gandyn.ui.processes.orders import Orders, work
from gandyn.ui.processes.share import Request, parsed

HEAD = 65_536  # bytes of a request that are looked at: what Tornado reads of one
PATIENCE_S = 10.0  # for the head of a request
LOOK_S = 0.02  # between two attempts to hand on to a process that has not taken those before
MOST_PAUSE_S = 60.0  # before a process that does not start is tried again
WAITING = 1000  # connections whose head has not come, at most
KNOWN = 4096  # addresses of browsers that are remembered
END_S = 5.0  # that a worker is given to end


class Worker:
    """A process that serves, as the front sees it."""

    def __init__(self, orders: Orders, pause: float = 0.0) -> None:
        """`pause`: seconds that were waited before it was started."""
        self.orders, self.pause = orders, pause
        self.sessions: int | None = None  # None until it serves
        self._given: deque[float] = deque()  # when it was given a new browser whose session it has not counted yet
        self.channel, its = socket.socketpair()
        context = multiprocessing.get_context("spawn")
        name = f"gandyn-worker-{orders.share.index}"
        self._process = context.Process(target=work, args=(its, orders), name=name, daemon=True)
        with closing(its), withheld():
            self._process.start()
        self.channel.setblocking(False)

    def count(self, sessions: int) -> None:
        """It says how many it has: those that are new were given to it."""
        for _ in range(min(len(self._given), max(0, sessions - (self.sessions or 0)))):
            self._given.popleft()
        self.sessions = sessions

    def full(self) -> bool:
        """Whether it would refuse another page."""
        return self.load() >= self.orders.limits.max_sessions

    def expect(self) -> None:
        """A new browser is given to it."""
        self._given.append(time.monotonic())

    def load(self) -> int:
        """Sessions that it has or will have; what has become none in a while was no page."""
        while self._given and time.monotonic() - self._given[0] > PATIENCE_S:
            self._given.popleft()
        return (self.sessions or 0) + len(self._given)

    async def give(self, connection: socket.socket) -> None:
        """Hand a connection on, as soon as the process takes one; OSError where it has ended."""
        while True:
            try:
                socket.send_fds(self.channel, [b"."], [connection.fileno()])
                return
            except BlockingIOError:
                await asyncio.sleep(LOOK_S)

    def end(self, seconds: float = 0.0) -> None:
        """It stops when the channel is closed, or is stopped after so long."""
        self.channel.close()
        self._process.join(seconds)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


class Front:
    """Which worker serves which browser."""

    def __init__(self, orders: list[Orders]) -> None:
        self._workers = [Worker(one) for one in orders]
        self._cookie = orders[0].share.cookie
        self._known: OrderedDict[str, int] = OrderedDict()  # of an address, the worker that has its last new page
        self._waiting = 0
        self._started: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        for worker in self._workers:
            self._listen_to(worker)

    async def ready(self) -> None:
        """Wait until all workers serve; OSError where one does not."""
        await self._started

    async def serve(self, listeners: list[socket.socket]) -> None:
        """Accept until it is cancelled."""
        await asyncio.gather(*(self._accept(listener) for listener in listeners))

    def end(self) -> None:
        """End all workers."""
        until = time.monotonic() + END_S
        for worker in self._workers:
            worker.channel.close()
        for worker in self._workers:
            worker.end(max(0.0, until - time.monotonic()))

    def choose(self, request: Request, address: str) -> Worker:
        """The worker for a request of a browser at this address."""
        named = [one for one in (request.asks, request.cookie) if one is not None and one < len(self._workers)]
        if not request.opens and address in self._known:  # no cookie comes from a page in another site
            named.append(self._known[address])
        if named and not (request.opens and self._workers[named[0]].full()):
            return self._workers[named[0]]
        worker = min(self._workers, key=lambda one: (one.sessions is None, one.load() / one.orders.limits.max_sessions))
        if not request.opens:
            return worker
        worker.expect()
        self._known[address] = worker.orders.share.index
        self._known.move_to_end(address)
        if len(self._known) > KNOWN:
            self._known.popitem(last=False)
        return worker

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        handing: set[asyncio.Task[None]] = set()
        while True:
            try:
                connection, address = await loop.sock_accept(listener)
            except OSError:  # too many are open
                await asyncio.sleep(0.1)
                continue
            if self._waiting >= WAITING:
                connection.close()
                continue
            task = asyncio.create_task(self._hand_on(connection, str(address[0])))
            handing.add(task)
            task.add_done_callback(handing.discard)

    async def _hand_on(self, connection: socket.socket, address: str) -> None:
        self._waiting += 1
        try:
            with closing(connection), suppress(OSError, TimeoutError):
                async with asyncio.timeout(PATIENCE_S):
                    if head := await _head(connection):
                        await self.choose(parsed(head, self._cookie), address).give(connection)
        finally:
            self._waiting -= 1

    def _listen_to(self, worker: Worker) -> None:
        asyncio.get_running_loop().add_reader(worker.channel, self._hear, worker)

    def _hear(self, worker: Worker) -> None:
        """How many sessions a worker has; one that has ended is replaced, once all have served."""
        try:
            report = worker.channel.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            report = b""
        if report:
            worker.count(report[-1])
            if not self._started.done() and all(one.sessions is not None for one in self._workers):
                self._started.set_result(None)
            return
        asyncio.get_running_loop().remove_reader(worker.channel)
        worker.end()
        if not self._started.done():
            self._started.set_exception(OSError("a process of the server did not start: see above"))
        if self._started.exception() is not None:
            return
        # One that does not serve is tried again, less and less often: the others go on.
        pause = 0.0 if worker.sessions is not None else min(MOST_PAUSE_S, 2 * worker.pause + 1.0)
        asyncio.get_running_loop().call_later(pause, self._replace, worker, pause)
        with suppress(OSError):  # nobody may read it any more
            print("gandyn: a process of the server has ended, another takes its place", file=sys.stderr, flush=True)

    def _replace(self, old: Worker, pause: float) -> None:
        place = old.orders.share.index
        self._workers[place] = Worker(old.orders, pause)
        self._listen_to(self._workers[place])


async def _head(connection: socket.socket) -> bytes:
    """The head of a request, which stays to be read; nothing where the other side has gone."""
    connection.setblocking(False)
    head = b""
    while True:
        # Readable with more than what was seen, or at the end: each arrival is looked at once.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, len(head) + 1)
        await _readable(connection)
        seen, head = len(head), connection.recv(HEAD, socket.MSG_PEEK)
        if b"\r\n\r\n" in head or len(head) == HEAD:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
            return head
        if len(head) <= seen:
            return b""


async def _readable(connection: socket.socket) -> None:
    loop, event = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(connection, event.set)
    try:
        await event.wait()
    finally:
        loop.remove_reader(connection)
