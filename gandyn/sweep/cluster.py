"""The same tasks on Dask: a cluster by the address of its scheduler, or one made of this machine."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gandyn.records.disk import trouble
from gandyn.sweep.groups import Task
from gandyn.sweep.pool import PATIENCE, Deliver, Failed, Stopped
from gandyn.sweep.work import OnSteps, carry_out

REACH = 10  # seconds in which a scheduler answers


@contextmanager
def client(address: str | None, workers: int | None) -> Iterator[Any]:
    """A client of the scheduler at `address`, or of `workers` fresh processes here; ValueError if there is none."""
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise ValueError("--dask and --scheduler need Dask: pip install 'gandyn[sweep]'") from None
    logging.getLogger("distributed").setLevel(logging.ERROR)  # a lost worker is a matter of course
    if address is None:
        with (
            LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                dashboard_address=None,  # pyright: ignore[reportArgumentType]  None, as documented: without a dashboard
            ) as cluster,
            Client(cluster) as connected,
        ):
            yield connected
        return
    try:
        connected = Client(address, timeout=REACH)
    except (OSError, ValueError) as error:
        raise ValueError(f"no Dask scheduler answers at {address}: {_line(error)}") from None
    with connected:
        yield connected


def threads(client: Any) -> int:
    """How many tasks the cluster does at the same time; ValueError where it has no worker yet."""
    total = sum(client.nthreads().values())
    if not total:
        raise ValueError("the Dask cluster has no workers yet: start some with `dask worker ADDRESS --nthreads 1`")
    return total


def run(client: Any, tasks: Sequence[Task], deliver: Deliver, on_steps: OnSteps, stopped: Stopped) -> None:
    """All tasks; `deliver` is given the rows of each as it ends. Returns early when `stopped`.

    A task is keyed by its GANs: two clients that ask one cluster for the same share the work. Raises Failed where Dask
    gives a task up.
    """
    from distributed import wait

    pending = {
        client.submit(carry_out, task, key=f"gandyn-{'-'.join(job.key for job in task.jobs)}", priority=-i): task
        for i, task in enumerate(tasks)
    }
    try:
        while pending and not stopped():
            try:
                wait(list(pending), timeout=PATIENCE, return_when="FIRST_COMPLETED")
            except TimeoutError:
                continue
            for future in [future for future in pending if future.done()]:
                task = pending.pop(future)
                if future.status != "finished":
                    raise Failed(f"Dask gave up {len(task.jobs)} GANs: {_line(future.exception())}")
                on_steps(sum(job.config["steps"] for job in task.jobs))
                deliver(future.result())
    finally:
        client.cancel(list(pending))


def _line(error: BaseException | None) -> str:
    return trouble(error) if isinstance(error, OSError) else f"{type(error).__name__}: {' '.join(str(error).split())}"
