"""The table of the soak, and the session that it is measured with."""

import asyncio
import gc
import json
import struct
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

import pytest

from benchmarks.sessions import Session
from benchmarks.soak.people import is_back, people
from benchmarks.soak.server import Held, Server
from benchmarks.soak.words import COLUMNS, in_words, of_people, of_viewers, table
from gandyn.benchmarks.report import ROOT, placed

ROW = {
    "sessions": 30, "fps": [10.2, 9.96], "steps": [60.0, 58.6], "fair": 0.934, "delay": 0.1496,
    "cpu": 1.204, "opened": 8.04, "rss": 900.4, "left": [420.3, 0, 7],
}  # fmt: skip


def test_a_row_in_words_has_a_cell_a_column():
    cells = in_words(ROW)
    assert cells == [
        "30", "10.2 (10.0)", "60 (59)", "0.93", "150 ms", "1.20", "8.0 s", "900", "420, 0, 7",
    ]  # fmt: skip
    assert in_words(ROW | {"delay": None})[4] == "–"
    lines = table([ROW, ROW]).splitlines()
    assert len(lines) == 4 and {line.count("|") for line in lines} == {len(COLUMNS) + 1}


PEOPLE = {
    "people": 40, "seconds": 1800.0, "pages": 61, "lost": [], "joined": 2.94, "delay": 0.301,
    "minutes": [{"at": 60.0, "megabytes": 900.2, "cpu": 1.5, "fps": 5.0}, {"at": 120.0, "megabytes": 910.0}],
    "before": asdict(Held(0, 0, 2, 800.0)), "after": asdict(Held(0, 0, 2, 830.0)),
}  # fmt: skip


def test_people_in_words_say_what_was_lost():
    text = of_people(PEOPLE)
    assert "40 people for 30 minutes: 61 pages opened, none lost" in text
    assert "within 2.9 s (95 %)" in text and "within 301 ms (95 %)" in text
    assert "before: 0, 0, 2, 800; after all have gone: 0, 0, 2, 830." in text
    assert "2 LOST: OSError: a; no frame" in of_people(PEOPLE | {"lost": ["OSError: a", "no frame"]})
    assert "8.9 frames/s of each (least 8.1)" in of_viewers(
        {"viewers": 9, "fps": [8.9, 8.1], "steps": [60.0, 60.0], "cpu": 0.5, "opened": 1.0}
    )


@pytest.mark.parametrize(
    ("after", "back"),
    [
        (Held(0, 0, 2, 9000), True),
        (Held(0, 0, 1, 1), True),
        (Held(1, 0, 2, 1), False),
        (Held(0, 1, 2, 1), False),
        (Held(0, 0, 3, 1), False),
    ],
)
def test_what_is_left_of_those_who_have_gone(after, back):
    assert is_back(Held(0, 0, 2, 1), after) is back


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="connections are handed on by Unix sockets")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_people_come_and_go_for_a_minute_none_is_lost_and_nothing_is_left():
    async def go():
        with Server(2) as server:
            await people(server, 4, 5, gone=20)
            return await people(server, 10, 60, gone=40)

    with ThreadPoolExecutor(1) as aside:  # where browser tests ran before, this thread has a loop
        report = aside.submit(lambda: asyncio.run(go())).result()
    gc.collect()  # here, where it is known that sockets are left open
    assert report["lost"] == [] and report["pages"] >= 10
    assert is_back(Held(**report["before"]), Held(**report["after"])), of_people(report)


def test_the_page_has_one_place_for_it():
    page = (ROOT / "docs/reliability.md").read_text()
    new = placed("soak", "TABLE", page)
    before, after = "<!-- soak: begin -->", "<!-- soak: end -->"
    assert new.count("TABLE") == 1 and placed("soak", "OTHER", new) == placed("soak", "OTHER", page)
    assert new.partition(before)[0] == page.partition(before)[0] and new.partition(after)[2] == page.partition(after)[2]
    with pytest.raises(ValueError, match="marks"):
        placed("soak", "TABLE", "nothing")


def test_a_delay_is_that_of_the_first_frame_under_the_new_value():
    session = Session("http://127.0.0.1:1")
    sent = []

    async def patch(event):
        sent.append(event)

    session._patch, session._rate = patch, "p1"

    def frame(rate, step):
        head = json.dumps({"id": 1, "parts": [{"step": step, "controls": {"lr_d": rate}}]}).encode()
        return struct.pack("<I", len(head)) + head

    session._take(frame(1e-4, 1))
    asyncio.run(session.change(2e-4))
    session._take(frame(1e-4, 2))
    assert not session.delays
    session._take(frame(2e-4, 3))
    session._take(frame(2e-4, 4))
    assert len(session.delays) == 1 and 0 <= session.delays[0] < 5
    assert sent[0]["new"] == 2e-4 and (session.frames, session.step) == (4, 4)
