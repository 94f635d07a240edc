"""A page of several runs as one trace: a file or a link opens all of them, at their step."""

import json
import threading

import pytest

from gandyn.records.trace import digest
from gandyn.targets import point_files
from gandyn.timeline import moment
from gandyn.ui.session.session import Session
from gandyn.ui.time.transport import Transport, _short, _text
from tests.live.test_stepper import until
from tests.ui.test_comparison import go
from tests.ui.test_save import opened


def compared() -> Session:
    session = opened()
    go(session, 12)
    session.compare({"unroll": 2}, here=False)
    session.compare({"lr_d": 3e-3}, here=False)
    go(session, 20)
    session.command("reset")
    go(session, 9)
    session.steer(1)
    return session


def trace_of(session: Session) -> dict:
    traces: list[dict] = []
    session.save(traces.append)
    session.broadcast.serve()
    return json.loads(json.dumps(traces[0]))


@pytest.mark.parametrize("form", ["file", "link"])
def test_all_runs_come_again_in_their_order_at_their_step(form):
    before, after = compared(), opened()
    trace = trace_of(before)
    after.open_trace(trace if form == "file" else moment.decode(_short(trace)))
    while after.broadcast.seeking is not None:
        after.broadcast.serve()
    assert after.steered == 1 and [digest(run.state) for run in after.runs] == [
        digest(run.state) for run in before.runs
    ]
    assert [run.experiment.rule.unroll for run in after.runs] == [0, 2, 2]


def test_a_link_that_is_too_long_goes_without_the_branches_of_all(monkeypatch):
    trace = trace_of(compared())
    monkeypatch.setattr(moment, "MOST", len(moment.encode(trace)) - 1)
    short = moment.decode(_short(trace))
    assert len(short["beside"]) == 2 and not any("lines" in one for one in (short, *short["beside"]))


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"beside": 3}, "beside, the runs that are compared, must be a list of 3 traces at most"),
        ({"beside": [{}] * 4}, "beside, the runs that are compared, must be a list of 3 traces at most"),
        ({"place": 7}, "place, of the run among those beside it, must be a whole number in [0, 2], not 7"),
        ({"place": "x"}, "place, of the run among those beside it, must be a whole number in [0, 2], not 'x'"),
    ],
)
def test_what_is_no_comparison_is_refused_in_one_line(change, text):
    trace, session = trace_of(compared()), opened()
    runs = session.runs
    with pytest.raises(ValueError) as error:
        session.open_trace(trace | change)
    assert str(error.value) == text and session.runs == runs


def test_a_broken_run_beside_is_refused_and_nothing_changes():
    trace, session = trace_of(compared()), opened()
    trace["beside"][0] = {"version": 99}
    runs = session.runs
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        session.open_trace(trace)
    assert session.runs == runs


class Turns:
    """A page's document: what shall be done in its turn."""

    def __init__(self):
        self.due = []

    def add_next_tick_callback(self, act):
        self.due.append(act)

    def take(self):
        until(lambda: self.due, 20)
        self.due.pop(0)()


def test_a_saved_session_is_read_beside_the_event_loop_and_taken_over_in_the_pages_turn(monkeypatch, tmp_path):
    monkeypatch.setenv("GANDYN_POINTS", str(tmp_path))
    sha256 = point_files.keep("\n".join(f"{i},{-i}" for i in range(5000)).encode())
    controls = {"target": "points", "target.file": "mine.csv", "target.sha256": sha256}
    before = opened()
    before.change(**controls)
    go(before, 2)
    traces = []
    before.save(traces.append)
    before.broadcast.serve()
    text = _text(traces[0])
    monkeypatch.setattr(point_files, "_held", {})  # as in another process
    read_by, read = [], point_files.table
    monkeypatch.setattr(point_files, "table", lambda *given: read_by.append(threading.current_thread()) or read(*given))
    session, document = opened(), Turns()
    bar = Transport(session)
    bar._document = document
    bar._handle_msg({"type": "open-file", "text": text})
    document.take()
    assert read_by and threading.current_thread() not in read_by
    assert session.broadcast.seeking == 2 and len(session.experiment.target.places) == 5000
    bar._handle_msg({"type": "open-file", "text": "{"})
    document.take()
    assert bar.notice["text"].startswith("this file is no saved session: it is not JSON")
    bar._handle_msg({"type": "open-file", "text": text.replace(sha256, "0" * 64)})
    document.take()
    assert "'mine.csv' was not given to this server" in bar.notice["text"]
