"""gandyn sweep: many GANs, their rows, a table and a figure."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from gandyn.cli.options import Data, Output, Swept, Workers
from gandyn.cli.progress import Tally, duration
from gandyn.cli.streams import say
from gandyn.cli.training import next_free, prepare
from gandyn.core import checks
from gandyn.records import strict_json as plain_json
from gandyn.records.compilation import COMPILING
from gandyn.records.config import from_config
from gandyn.records.cores import cores
from gandyn.records.disk import going_on
from gandyn.records.engine import engine_of_all
from gandyn.records.lock import exclusive
from gandyn.records.signals import Interrupt
from gandyn.sweep import cluster, pool
from gandyn.sweep.directory import SweepDirectory
from gandyn.sweep.grid import Grid, Job, grid
from gandyn.sweep.groups import tasks
from gandyn.sweep.lanes import most_lanes
from gandyn.sweep.report import finish, summary
from gandyn.sweep.shard import Shard, jobs_of
from gandyn.sweep.summary import table
from gandyn.sweep.work import Row

LANES = 32  # at most, where it is not said how many
MOST_LANES, MOST_WORKERS = 4096, 1024


def sweep(presets: str, swept: Swept, workers: Workers, *, shard: str | None, out: Path | None, output: Output) -> int:
    """Exit status; ValueError for wrong usage."""
    wanted = grid(presets, swept.seeds, swept.settings or (), swept.steps, swept.every, swept.warmup, swept.gradients)
    _check(workers)
    share = None if shard is None else Shard.parse(shard)
    if share is not None and out is None:
        raise ValueError("--shard needs --out: a folder for each shard, with which the same command goes on")
    prepare(Data())
    path = out or next_free(f"sweep-{wanted.jobs[0].config['preset']}")
    if path.exists() and not path.is_dir():
        raise ValueError(f"{path} is a file: choose another --out")
    path.mkdir(parents=True, exist_ok=True)
    with exclusive(path):
        return _carry_out(path, wanted, share, workers, output)


def _carry_out(path: Path, wanted: Grid, shard: Shard | None, workers: Workers, output: Output) -> int:
    """The GANs that are missing in the folder, and what follows from all; the exit status."""
    engine = engine_of_all(from_config(job.config) for job in wanted.jobs)
    directory = SweepDirectory.opened(path, wanted, engine, shard)
    jobs = jobs_of(wanted, shard)
    rows = {row["key"]: row for row in directory.rows()}
    missing = [job for job in jobs if job.key not in rows]
    if not output.quiet:
        share = "" if shard is None else f" of {len(wanted.jobs):,} in shard {shard}"
        say(f"{path}: {len(jobs):,} GANs{share}{f', {len(rows):,} of them there already' if rows else ''}")
        for note in wanted.notes:
            say(note)

    def deliver(ended: list[Row]) -> None:
        new = [row for row in ended if row["key"] not in rows]
        directory.append(new)
        rows.update((row["key"], row) for row in new)
        tally.add(new)

    left = sum(job.config["steps"] for job in missing)
    go_on, start = f"the same command with --out {path}", time.monotonic()
    with Interrupt(go_on) as stopped, going_on(lambda: go_on):
        with Tally(len(jobs), len(rows), left, quiet=output.quiet) as tally:
            if missing:
                stop = lambda: stopped() or tally.is_unread  # noqa: E731
                _work(missing, workers, directory.engine().name, deliver, tally, stop)
        if len(rows) == len(jobs):
            contents = finish(directory, wanted, shard)
            tell(contents, wanted, path, output, f" in {duration(time.monotonic() - start)}" if missing else "")
            return 0
    if output.json:
        print(plain_json.dumps(summary(directory, wanted, shard)))
    there = f"{len(rows):,} of {len(jobs):,} rows"
    say(f"gandyn: stopped with {there}; go on: {go_on}")
    return 130


def tell(contents: Mapping[str, Any], grid: Grid, path: Path, output: Output, took: str = "") -> None:
    """Print what a finished sweep or shard left in its folder, `contents` of its summary.json; `took`: how long."""
    if output.json:
        print(plain_json.dumps(contents))
    if output.quiet:
        return
    shard = contents["shard"]
    if not output.json and shard is None:
        print("\n".join(table(contents["points"], [axis.name for axis in grid.axes])))
    errors = f", {contents['errors']:,} with an error" if contents["errors"] else ""
    merge = "" if shard is None else "; when all shards are: gandyn sweep --merge DIR1 DIR2 ... --out DIR"
    say(f"done: {contents['rows']:,} GANs{took}{errors}; {', '.join(contents['files'])} in {path}{merge}")


def _check(given: Workers) -> None:
    if given.lanes is not None:
        checks.integer("--lanes", given.lanes, 1, MOST_LANES)
    if given.workers is not None:
        checks.integer("--workers", given.workers, 1, MOST_WORKERS)
    if given.scheduler is not None and given.workers is not None:
        raise ValueError("--scheduler names a cluster that has its workers: leave out --workers")


def _work(
    missing: list[Job], given: Workers, engine: str, deliver: pool.Deliver, tally: Tally, stopped: pool.Stopped
) -> None:
    def most(kind: Sequence[Job]) -> int:
        if given.lanes is not None:
            return given.lanes
        return most_lanes(from_config(kind[0].config), LANES)

    with ExitStack() as stack:
        if given.dask or given.scheduler:
            client = stack.enter_context(cluster.client(given.scheduler, given.workers or cores()))
            wanted = tasks(missing, most, cluster.threads(client), engine)
            cluster.run(client, wanted, deliver, tally.advance, stopped)
        else:
            workers = given.workers or cores()
            wanted = tasks(missing, most, workers, engine)
            announce = partial(tally.say, COMPILING)
            pool.run(wanted, min(workers, len(wanted)), deliver, tally.advance, stopped, announce)
