"""Files that the server makes of the runs of a page: what is in them, progress, cancel, refusals."""

import csv
import io
import sys
import time

import numpy as np
import pytest

from gandyn.ui.messages import ExportFailed, ExportProgress, OfExport
from gandyn.ui.server import downloads
from gandyn.ui.server.limits import limits
from gandyn.ui.share import exports
from gandyn.ui.share.exports import Exports
from gandyn.ui.share.making import KINDS, Kind
from tests.live.test_stepper import until
from tests.ui.test_comparison import go
from tests.ui.test_save import one_thread, opened  # noqa: F401  torch's threads are put back


class Page:
    """A page that asks for files."""

    def __init__(self, session):
        self.news: list[OfExport] = []
        self.session, self.here = session, True
        self.exports = Exports(session, self.news.append, lambda: self.here)

    def ask(self, kind: str) -> None:
        self.exports.ask(kind)
        while self.session.broadcast._commands:
            self.session.broadcast.serve()

    def file(self, kind: str) -> downloads.Parcel:
        self.ask(kind)
        until(lambda: self.news and not isinstance(self.news[-1], ExportProgress), 60)
        _, parcel = downloads._WAITING[self.news[-1].key]
        assert parcel.name == self.news[-1].name
        return parcel


def test_numbers_of_the_runs_that_are_compared():
    session = opened()
    go(session, 10)
    session.compare({"unroll": 2}, here=True)
    go(session, 5)
    parcel = Page(session).file("csv")
    assert parcel.name == "gandyn-collapse-15.csv"
    rows = list(csv.DictReader(io.StringIO(parcel.content.decode(), newline="")))
    for run, label in zip(session.runs, ("A: k 0", "B: k 2"), strict=True):
        own = [float(row["critic_loss"]) for row in rows if row["run"] == label]
        assert np.array_equal(own, run.series("critic_loss")[1]) and len(own) == 15


def test_a_kind_that_is_none_or_that_cannot_be_made_here_is_one_line(monkeypatch):
    page = Page(opened())
    with pytest.raises(ValueError, match="no export 'doc'"):
        page.ask("doc")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ValueError, match="pip install"):
        page.ask("parquet")
    assert page.news == []


def slow(job):
    def work() -> bytes:
        for i in range(10_000):
            job.progress(i, 10_000)
            time.sleep(0.002)
        return b""

    return work


def test_a_long_one_says_how_far_it_is_and_can_be_left_off(monkeypatch):
    monkeypatch.setitem(KINDS, "slow", Kind(slow))
    page = Page(opened())
    page.ask("slow")
    until(lambda: any(one.done > 5 for one in page.news))
    page.exports.cancel()
    until(lambda: not exports._TURN.locked())
    seen = len(page.news)
    time.sleep(0.05)
    assert len(page.news) == seen and isinstance(page.news[-1], ExportProgress)


def test_another_takes_its_place_and_a_page_that_is_gone_wants_none(monkeypatch):
    monkeypatch.setitem(KINDS, "slow", Kind(slow))
    page, other = Page(opened()), Page(opened())
    go(page.session, 3)
    page.ask("slow")
    other.ask("slow")
    assert page.file("csv").name.endswith("-3.csv"), "its turn comes when the first one leaves off"
    other.here = False
    until(lambda: not exports._TURN.locked())


def test_what_goes_wrong_is_one_line(monkeypatch):
    def fails(job):
        def work() -> bytes:
            raise MemoryError("no room\nfor it")

        return work

    monkeypatch.setitem(KINDS, "fails", Kind(fails))
    page = Page(opened())
    page.ask("fails")
    until(lambda: page.news and isinstance(page.news[-1], ExportFailed))
    assert page.news[-1].error == "gandyn-collapse-0.fails could not be made: no room"


def test_a_file_waits_a_while_and_no_longer(monkeypatch):
    key = downloads.offer(downloads.Parcel("a.csv", b"1"))
    assert downloads._WAITING[key][1].content == b"1"
    monkeypatch.setattr(downloads.time, "monotonic", lambda: time.perf_counter() + 1e9)
    downloads.offer(downloads.Parcel("b.csv", b"2"))
    assert key not in downloads._WAITING


def test_only_so_many_wait(monkeypatch):
    monkeypatch.setattr(downloads, "_WAITING", {})
    keys = [downloads.offer(downloads.Parcel(f"{i}.csv", b"")) for i in range(limits().max_files + 3)]
    assert list(downloads._WAITING) == keys[3:]


@pytest.mark.parametrize("kind", ["webp", "gif"])
def test_a_movie_that_is_cancelled_while_it_is_encoded_is_left_off(kind):
    page = Page(opened())
    go(page.session, 60)
    send = page.exports._send

    def done_of(message: OfExport) -> int:
        return message.done if isinstance(message, ExportProgress) else 0

    def cancelling(message: OfExport) -> None:
        send(message)
        if done_of(message) > 65:
            page.exports.cancel()

    page.exports._send = cancelling
    page.ask(kind)
    until(lambda: any(done_of(one) > 65 for one in page.news) and not exports._TURN.locked(), 60)
    assert page.news[-1] == ExportProgress(f"gandyn-collapse-60.{kind}", 66, 122), "drawn, then encoded"
