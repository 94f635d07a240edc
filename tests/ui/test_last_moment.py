"""What a page keeps of its run, should the server lose it."""

import json

from gandyn.timeline import moment
from gandyn.ui.messages import Keep, OpenFile, Resume
from gandyn.ui.share.last_moment import AHEAD, kept, up_to
from gandyn.ui.share.saved import opened as read
from gandyn.ui.time.transport import Transport
from tests.live.test_stepper import until
from tests.ui.test_comparison import go
from tests.ui.test_save import one_thread, opened  # noqa: F401  torch's threads are put back


class Page(Transport):
    """A bar whose messages to the page are kept, and which does at once what is to be done in turn."""

    def _send(self, message):
        self.sent = message

    def _in_turn(self, act):
        act()


def test_a_moment_is_kept_and_another_server_goes_on_from_the_step_that_was_painted_last():
    session = opened()
    go(session, 4)
    session.change(lr_d=0.0007)
    go(session, 3)
    page = Page(session)
    page.receive(Keep())
    session.broadcast.serve()
    text = page.sent.moment
    assert moment.decode(text)["stop"] == 7
    other = opened()
    bar = Page(other)
    bar.receive(Resume("a run of a server that has ended", text, 9, True))
    until(lambda: bar.notice is not None, 10)
    assert "goes on from step 9" in bar.notice["text"] and other.playing
    go(session, 2)
    other.broadcast.playing = False
    until(lambda: other.broadcast.serve() is not None and other.broadcast.seeking is None, 20)
    ours, theirs = session.broadcast.run, other.broadcast.run
    assert theirs.state.step == ours.state.step == 9 and theirs.experiment.knobs.lr_d == 0.0007
    assert bool((theirs.state.d == ours.state.d).all()), "bit for bit, from the moment alone"


def test_a_page_whose_run_was_never_kept_says_that_it_begins():
    bar = Page(opened())
    bar.receive(Resume("a run of a server that has ended"))
    assert "this is its beginning" in bar.notice["text"]


def test_the_trace_is_taken_on_only_where_that_is_the_same_line():
    trace = {"stop": 5, "sha256": "x"}
    assert up_to(trace, 8) == {"stop": 8}
    for same, step in (
        (trace, 5),
        (trace, 2),
        (trace, 6 + AHEAD),
        (trace | {"lines": []}, 8),
        (trace | {"beside": []}, 8),
    ):
        assert up_to(same, step) is same
    assert up_to({"stop": "x"}, 8) == {"stop": "x"}


def test_a_moment_with_many_points_is_not_kept():
    session = opened()
    trace = session.runs[0].trace()
    assert kept(trace)
    trace["config"]["controls"]["target.points"] = "x" * 200_000
    assert kept(trace) == ""


def test_a_session_comes_in_parts():
    session = opened()
    go(session, 3)
    text = json.dumps(session.runs[0].trace())
    assert read(json.loads(text)).step == 3
    bar = Page(opened())
    third = len(text) // 3
    parts = [text[:third], text[third : 2 * third], text[2 * third :]]
    for i, part in enumerate(parts):
        bar.receive(OpenFile(part, i, 3))
    until(lambda: bar._session.broadcast.seeking == 3, 10)
    for wrong in (OpenFile("x", 1, 3), OpenFile("x", 2, 3)):
        try:
            bar.receive(wrong)
        except ValueError as error:
            assert "did not arrive in one piece" in str(error)
        else:
            raise AssertionError("a part out of its order")
