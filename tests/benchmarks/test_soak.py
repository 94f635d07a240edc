"""The table of the soak, and the session that it is measured with."""

import asyncio
import json
import struct

import pytest

from benchmarks.sessions import Session
from benchmarks.soak import BEGIN, COLUMNS, END, PAGE, in_words, table, written

ROW = {
    "sessions": 30, "fps": [10.2, 9.96], "steps": [60.0, 58.6], "fair": 0.934, "delay": 0.1496,
    "cpu": 1.204, "opened": 8.04, "rss": 900.4, "left": [420.3, 7],
}  # fmt: skip


def test_a_row_in_words_has_a_cell_a_column():
    cells = in_words(ROW)
    assert cells == [
        "30", "10.2 (10.0)", "60 (59)", "0.93", "150 ms", "1.20", "8.0 s", "900", "420, 7",
    ]  # fmt: skip
    assert in_words(ROW | {"delay": None})[4] == "–"
    lines = table([ROW, ROW]).splitlines()
    assert len(lines) == 4 and {line.count("|") for line in lines} == {len(COLUMNS) + 1}


def test_the_page_has_one_place_for_it():
    page = PAGE.read_text()
    new = written(page, "TABLE")
    assert new.count("TABLE") == 1 and written(new, "OTHER") == written(page, "OTHER")
    assert new.partition(BEGIN)[0] == page.partition(BEGIN)[0] and new.partition(END)[2] == page.partition(END)[2]
    with pytest.raises(ValueError, match="marks"):
        written("nothing", "TABLE")


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
