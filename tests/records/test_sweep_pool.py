"""Worker processes and Dask: all rows arrive, none twice, whatever dies."""

import multiprocessing

import pytest

from gandyn.sweep import cluster, pool
from gandyn.sweep.grid import grid
from gandyn.sweep.groups import Task
from gandyn.sweep.work import carry_out

TINY = ["generator.widths=8", "critic.widths=8", "batch_size=8", "latent_size=2"]
OF_THE_WORK = {"seconds"}


@pytest.fixture
def forked(monkeypatch, forks):
    """Workers start at once; those of the tests of the command are spawned, as they are for a person."""
    monkeypatch.setattr(multiprocessing, "get_context", lambda method: forks)


def tasks_of(settings, seeds="0:2", steps=20, every=10):
    jobs = grid("collapse", seeds, [*settings, *TINY], steps, every).jobs
    return [Task((job,), "autograd") for job in jobs]


def untimed(rows):
    return sorted(({k: v for k, v in row.items() if k not in OF_THE_WORK} for row in rows), key=lambda row: row["key"])


def never():
    return False


def workers():
    return [child for child in multiprocessing.active_children() if child.name == "gandyn sweep"]


@pytest.mark.usefixtures("forked")
def test_a_killed_worker_loses_nothing_and_doubles_nothing():
    tasks, rows, killed, messages = tasks_of([], "0:2", 100), [], [], []

    def on_steps(steps):
        messages.append(steps)
        if not killed:  # in the middle of their tasks
            killed.extend(workers())
            for child in killed:
                child.kill()

    pool.run(tasks, 2, rows.extend, on_steps, never)
    assert killed and min(messages) < 0 and sum(messages) == 200
    assert untimed(rows) == untimed(row for task in tasks for row in carry_out(task))


@pytest.mark.usefixtures("forked")
def test_a_task_that_kills_every_worker_ends_the_sweep_in_a_line(monkeypatch):
    monkeypatch.setattr(pool, "TRIES", 2)

    def on_steps(steps):
        for child in workers():
            child.kill()

    with pytest.raises(pool.Failed, match=r"^2 workers died \(signal 9\) on the same 1 GANs of preset 'collapse': if"):
        pool.run(tasks_of([], "0:1", 100_000), 1, list, on_steps, never)


@pytest.mark.usefixtures("forked")
def test_a_stop_leaves_no_worker_behind():
    reports = []
    pool.run(tasks_of([], "0:2", 1_000_000), 1, list, reports.append, lambda: len(reports) > 0)
    assert reports and not workers()


@pytest.mark.usefixtures("forked")
def test_what_is_no_fault_of_a_gan_ends_the_sweep():
    (task,) = tasks_of([], "0:1")
    with pytest.raises(pool.Failed, match="^TypeError: "):
        pool.run([task._replace(jobs=None)], 1, list, lambda steps: None, never)


@pytest.mark.filterwarnings("default")  # those of other people's packages
def test_dask_gives_the_same_rows():
    pytest.importorskip("distributed")
    tasks, rows, steps = tasks_of(["lr_d=1e-3,100"], "0:2"), [], []
    with cluster.client(None, 1) as client:
        address = client.scheduler.address
        with cluster.client(address, None) as other:
            assert cluster.threads(other) == 1
            cluster.run(other, tasks, rows.extend, steps.append, never)
    assert untimed(rows) == untimed(row for task in tasks for row in carry_out(task))
    assert sum(steps) == 4 * 20


@pytest.mark.filterwarnings("default")
def test_no_scheduler_is_one_line(monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr(cluster, "REACH", 0.2)
    refused = pytest.raises(ValueError, match="^no Dask scheduler answers at tcp://127.0.0.1:9: ")
    with refused, cluster.client("tcp://127.0.0.1:9", None):
        pass
