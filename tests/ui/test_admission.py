"""Whether one more page may be opened."""

import os
from dataclasses import replace
from types import SimpleNamespace

import panel as pn
import psutil
import pytest

from gandyn.ui.app import laboratory
from gandyn.ui.server import admission, on_air
from gandyn.ui.server.limits import Limits, limits
from gandyn.ui.server.memory import STATM, memory


class Held(SimpleNamespace):
    """One that can be referred to weakly."""


def under(monkeypatch, **fields):
    monkeypatch.setattr(admission, "limits", lambda: replace(limits(), **fields))


def test_a_server_that_is_full_says_so_and_opens_nothing(monkeypatch):
    assert admission.full() is None
    under(monkeypatch, max_sessions=2)
    monkeypatch.setattr(admission, "sessions", lambda: 2)
    assert "2 pages" in admission.full()
    page = laboratory()
    assert isinstance(page, pn.pane.Str) and page.object == admission.full()


def test_who_looks_on_and_who_has_a_run_are_one_session_each_and_the_run_of_the_class_is_none(monkeypatch):
    of_class, own = Held(shared=True), Held(shared=False)
    monkeypatch.setattr(on_air, "ON_AIR", {"class": of_class, "own": own})
    monkeypatch.setattr(on_air, "WATCHED", {"one": of_class, "two": Held(shared=True)})
    assert on_air.sessions() == 3


@pytest.mark.skipif(not STATM.exists(), reason="this system does not say what a process holds")
def test_a_server_whose_memory_is_used_says_so(monkeypatch):
    held = psutil.Process(os.getpid()).memory_info().rss / 2**20
    assert memory() == pytest.approx(held, rel=0.1)
    under(monkeypatch, max_memory=1)
    assert "MB" in admission.full()


@pytest.mark.parametrize("words", [["--num-procs", "2"], ["--num-procs=4"], ["--num-procs", "0"]])
def test_several_processes_are_refused_in_a_line(monkeypatch, words):
    monkeypatch.setattr(admission.sys, "argv", ["panel", "serve", "apps/dynamics.py", *words])
    assert "--num-procs" in admission.unfit() and "\n" not in admission.unfit()
    monkeypatch.setattr(admission.sys, "argv", ["panel", "serve", "apps/dynamics.py", "--num-procs", "1"])
    assert admission.unfit() is None


def test_several_threads_are_refused_in_a_line(monkeypatch):
    monkeypatch.setattr(admission.pn, "config", SimpleNamespace(nthreads=4))
    assert "--num-threads" in admission.unfit()


@pytest.mark.parametrize(("opened", "connections", "freed"), [(False, 0, True), (True, 0, False), (False, 1, False)])
def test_a_page_that_is_fetched_and_never_opened_is_let_go(monkeypatch, opened, connections, freed):
    later, asked = [], []
    loop = SimpleNamespace(call_later=lambda seconds, look: later.append(look))
    monkeypatch.setattr(admission.IOLoop, "current", staticmethod(lambda: loop))
    session = SimpleNamespace(connection_count=connections, request_expiration=lambda: asked.append(True))
    document, feed = Held(session_context=SimpleNamespace(session=session)), Held(ready=opened)
    admission.let_go_unopened(document, feed)
    later[0]()
    assert asked == [True] * freed


@pytest.mark.parametrize("name", list(vars(Limits())))
def test_no_limit_is_zero(name):
    with pytest.raises(ValueError, match="1 or more"):
        Limits(**{name: 0})
