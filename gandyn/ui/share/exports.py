"""What a page has made of its runs as files: in a thread of its own, one after another, with progress and cancel."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import torch

from gandyn.records.trace import plain_name
from gandyn.ui.messages import ExportFailed, ExportReady, OfExport
from gandyn.ui.server.downloads import Parcel, offer
from gandyn.ui.session.session import Session
from gandyn.ui.share.making import KINDS, Cancelled, Job

log = logging.getLogger(__name__)
_TURN = threading.Lock()  # one on the server at a time: they compute beside the runs that are watched
LOOK = 0.2  # seconds between two looks whether one that waits for its turn was cancelled


class Exports:
    """The files of one page. A new one takes the place of one that is still in work."""

    def __init__(
        self, session: Session, send: Callable[[OfExport], None], alive: Callable[[], bool] = lambda: True
    ) -> None:
        """`send`: a message to the page, from any thread; `alive`: whether the page is still there."""
        self._session = session
        self._send = send
        self._alive = alive
        self._cancelled = threading.Event()

    def ask(self, kind: str) -> None:
        """Begin to make a file of this kind, as things stand now; ValueError with one line."""
        make = KINDS.get(kind)
        if make is None:
            raise ValueError(f"there is no export {kind!r}: choose one of {', '.join(KINDS)}")
        make.check()
        self.cancel()
        self._cancelled = cancelled = threading.Event()
        runs, steered = self._session.runs, self._session.steered or 0
        lane, speed, axis = self._session.lane, self._session.speed, self._session.axis

        def begin() -> None:
            run = runs[steered]
            name = f"gandyn-{plain_name(run.experiment.name)}-{run.state.step}.{kind}"
            job = Job(
                name, runs, steered, lane, speed, axis, lambda: cancelled.is_set() or not self._alive(), self._send
            )  # fmt: skip
            work = make.prepare(job)  # between two steps
            threading.Thread(target=self._work, args=(job, work), name="gandyn-export", daemon=True).start()

        self._session.broadcast.do(begin)

    def cancel(self) -> None:
        """Leave off what is in work."""
        self._cancelled.set()

    def _work(self, job: Job, work: Callable[[], bytes]) -> None:
        while not _TURN.acquire(timeout=LOOK):
            if job.cancelled():
                return
        try:
            torch.set_num_threads(1)  # in this thread, as a stepper: the same bits
            content = work()
            job.progress(job.done, job.of)
            self._send(ExportReady(job.name, offer(Parcel(job.name, content))))
        except Cancelled:
            pass
        except Exception as error:  # whatever it raises becomes a line
            log.debug("export of %s", job.name, exc_info=True)
            self._send(ExportFailed(job.name, f"{job.name} could not be made: {error}".splitlines()[0]))
        finally:
            _TURN.release()
