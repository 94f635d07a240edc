"""Worker processes on this machine: each takes a task, hands back its rows, and takes the next.

A worker that dies, whatever killed it, loses nothing: its task goes to another one.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple

from gandyn.records.compilation import first_compilation
from gandyn.records.disk import trouble
from gandyn.records.signals import withheld
from gandyn.sweep.groups import Task
from gandyn.sweep.work import OnSteps, Row, carry_out

PATIENCE = 0.2  # seconds between two checks whether to stop
TRIES = 3  # workers that may die of one task
LEAVE = 5.0  # seconds that a worker has to end

Deliver = Callable[[list[Row]], None]
Stopped = Callable[[], bool]


class Failed(ArithmeticError):
    """The sweep cannot go on; one line says why."""


class _Worker(NamedTuple):
    process: BaseProcess
    line: Connection


def run(
    tasks: Sequence[Task],
    workers: int,
    deliver: Deliver,
    on_steps: OnSteps,
    stopped: Stopped,
    on_compilation: Callable[[], object] = lambda: None,
) -> None:
    """All tasks, the first ones first; `deliver` is given the rows of each as it ends. Returns early when `stopped`.

    `on_steps` is told of every step once: those lost with a worker are taken back, and at the end of a task come those
    that its GANs did not get to. `on_compilation` is called once, when a worker begins to compile.

    Raises Failed where a task has killed TRIES workers, or where a worker could not go on.
    """
    waiting, deaths, walked = deque(tasks), Counter[int](), Counter[int]()
    busy: dict[_Worker, Task] = {}
    leaving: list[_Worker] = []  # they have nothing more to do
    compiling = False
    try:
        while (waiting or busy) and not stopped():
            while waiting and len(busy) < workers:
                _give(_start(), waiting.popleft(), busy)
            lines = {worker.line: worker for worker in busy}
            for line in wait(list(lines), PATIENCE):
                worker = lines[line]  # type: ignore[index]
                try:
                    what, value = worker.line.recv()
                except (EOFError, OSError):
                    task = busy.pop(worker)
                    on_steps(-walked.pop(id(task), 0))
                    worker.process.join(LEAVE)
                    deaths[id(task)] += 1
                    if deaths[id(task)] == TRIES:
                        raise Failed(_epitaph(worker, task)) from None
                    waiting.appendleft(task)
                    continue
                if what == "on_steps":
                    walked[id(busy[worker])] += value
                    on_steps(value)
                elif what == "compiles":
                    if not compiling:
                        on_compilation()
                    compiling = True
                elif what == "failed":
                    raise Failed(value)
                else:
                    task = busy.pop(worker)
                    on_steps(_steps(task) - walked.pop(id(task), 0))  # those not made by GANs that broke
                    deliver(value)
                    if waiting:
                        _give(worker, waiting.popleft(), busy)
                    else:
                        worker.line.close()
                        leaving.append(worker)
    finally:
        for worker in busy:
            worker.process.terminate()
        for worker in [*busy, *leaving]:
            worker.process.join(LEAVE)


def _steps(task: Task) -> int:
    return sum(job.config["steps"] for job in task.jobs)


def _start() -> _Worker:
    """A spawned process: a forked one would inherit torch's locks in whatever state they are."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_serve, args=(theirs,), daemon=True, name="gandyn sweep")
    with withheld():
        process.start()
    theirs.close()  # so that its end is an end of file for us
    return _Worker(process, ours)


def _give(worker: _Worker, task: Task, busy: dict[_Worker, Task]) -> None:
    busy[worker] = task
    try:
        worker.line.send(task)
    except OSError:  # it has died: its line says so when it is read
        return


def _epitaph(worker: _Worker, task: Task) -> str:
    code = worker.process.exitcode
    killer = f"signal {-code}" if code is not None and code < 0 else f"exit status {code}"
    gans = f"{len(task.jobs)} GANs of preset {task.jobs[0].config['preset']!r}"
    return (
        f"{TRIES} workers died ({killer}) on the same {gans}: "
        "if memory ran out, take fewer --lanes or --workers, then give the same command to go on"
    )


def _serve(line: Connection) -> None:
    """The life of a worker. It is the parent who says when to end: on Windows, too, where Ctrl-C is not withheld."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="gandyn-parent", daemon=True).start()
    try:
        while True:
            line.send(_answer(line, line.recv()))
    except (EOFError, OSError):  # the parent needs no more, or is gone
        return


def _end_with_parent() -> None:
    """End this process as soon as its parent is gone: killed, it has told nobody, and a task may take hours."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _answer(line: Connection, task: Task) -> tuple[str, Any]:
    try:
        with first_compilation(lambda: line.send(("compiles", None))):
            return "rows", carry_out(task, lambda steps: line.send(("on_steps", steps)))
    except (EOFError, BrokenPipeError):
        raise
    except OSError as error:
        return "failed", trouble(error)
    except Exception as error:  # noqa: BLE001  whatever it is, the parent says it
        return "failed", f"{type(error).__name__}: {' '.join(str(error).split())}"
