"""The command line. torch and panel are imported only by the command that needs them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, CycloptsError, Parameter, Token, convert

import gandyn
from gandyn.records.signals import stoppable

Flag = Annotated[bool, Parameter(negative=())]
Settings = Annotated[list[str] | None, Parameter(name="--set", consume_multiple=True, negative=())]
Folders = Annotated[list[Path] | None, Parameter(consume_multiple=True, negative=())]
SUBJECT = "Watch a generative adversarial network learn, and fail, live."


def _value(kind: Any, tokens: Sequence[Token]) -> Any:
    """What an option is given; a whole number is never rounded to: 1.5 is none, 1e3 and 1000.0 are 1000."""
    if kind is not int:
        return convert(kind, tokens)
    from gandyn.core.numerals import whole

    (token,) = tokens
    number = whole(token.value)
    if number is None:
        raise ValueError(f"a whole number is wanted, as 1000 or 1e3, not {token.value!r}")
    return number


app = App(
    name="gandyn",
    help=SUBJECT,
    version=f"gandyn {gandyn.__version__}",
    default_parameter=Parameter(converter=_value),
    suppress_keyboard_interrupt=False,
)


@app.command(name="list")
def _list(*, json: Flag = False) -> int:
    """The presets: what each is, its networks, steps, measured minutes, citation.

    Args:
        json: everything about them as one JSON object.
    """
    from gandyn.cli.listing import show

    return show(json=json)


@app.command
@stoppable()
def train(
    preset: str | None = None,
    /,
    *,
    steps: int | None = None,
    seed: int | None = None,
    device: str | None = None,
    settings: Settings = None,
    out: Path | None = None,
    data_dir: Path | None = None,
    offline: Flag = False,
    resume: Path | None = None,
    config: Path | None = None,
    dry_run: Flag = False,
    quiet: Flag = False,
    json: Flag = False,
    threads: int | None = None,
    tensorboard: Flag = False,
    anyway: Flag = False,
) -> int:
    """Train a preset without a browser, and leave a run directory.

    Ctrl-C, SIGTERM or SIGUSR1 ends it with status 130 after a checkpoint, with which --resume goes on.

    Args:
        preset: its name, see `gandyn list`; not needed with --resume, nor with a --config that names one.
        steps: the last step; default: the preset's. With --resume, a new last step.
        seed: of every random number.
        device: auto (CUDA for convolutional networks where there is one), cpu or cuda.
        settings: controls by name, --set lr_d=2e-4 unroll=5 target.radius=1.5.
        out: the run directory, which must be empty; default: runs/0000-PRESET, the next number that is free.
        data_dir: the folder with the files of MNIST; `embedded`: the 10,000 digits that come with gandyn.
        offline: never download.
        resume: a run directory to go on with, from its last good checkpoint.
        config: a TOML file with controls, or the config.json of another run.
        dry_run: print the resolved experiment, as TOML, and do nothing.
        quiet: say nothing while it runs.
        json: print summary.json on stdout.
        threads: of torch; default: 1 for perceptrons, all processors for convolutions. Another number may give other
            bits.
        tensorboard: write its event files, too (needs gandyn[tensorboard]).
        anyway: go on with --resume also where the run was made with other random numbers, under the new ones, and where
            its engine is not available here, by the one that is.
    """
    from gandyn.cli.training import Wanted, train

    return train(
        Wanted(preset, steps, seed, device, settings or [], config, threads),
        out=out,
        data_dir=data_dir,
        offline=offline,
        resume=resume,
        dry_run=dry_run,
        quiet=quiet,
        json=json,
        tensorboard=tensorboard,
        anyway=anyway,
    )


@app.command
def evaluate(directory: Path, /, *, data_dir: Path | None = None, offline: Flag = False, json: Flag = False) -> int:
    """How good the samples of a run are: writes evaluation.json and, for digits, neighbours.png.

    Args:
        directory: the run directory.
        data_dir: the folder with the files of MNIST; `embedded`: the 10,000 digits that come with gandyn.
        offline: never download.
        json: print one JSON object.
    """
    from gandyn.cli.evaluating import evaluate

    return evaluate(directory, data_dir=data_dir, offline=offline, json=json)


@app.command
@stoppable()
def replay(
    file: Path,
    /,
    *,
    out: Path | None = None,
    movie: Path | None = None,
    data_dir: Path | None = None,
    offline: Flag = False,
    anyway: Flag = False,
    quiet: Flag = False,
    json: Flag = False,
) -> int:
    """Do a recorded session again, bit for bit, and leave its pictures and its movie in a run directory.

    Args:
        file: the trace, trace.json of a run or as saved from the laboratory.
        out: the run directory, which must be empty; default: runs/0000-PRESET, the next number that is free.
        movie: write the movie here, too; the suffix says how: .webp, .gif, .mp4 (needs gandyn[video]).
        data_dir: the folder with the files of MNIST; `embedded`: the 10,000 digits that come with gandyn.
        offline: never download.
        anyway: also a session that was made with other random numbers, under the new ones, and where the engine that
            computed it is not available here, by the one that is.
        quiet: say nothing while it runs.
        json: print summary.json on stdout.
    """
    from gandyn.cli.replaying import replay

    files = {"out": out, "movie": movie, "data_dir": data_dir, "offline": offline}
    return replay(file, **files, anyway=anyway, quiet=quiet, json=json)


@app.command
@stoppable()
def sweep(
    presets: str | None = None,
    /,
    *,
    seeds: str | None = None,
    settings: Settings = None,
    lanes: int | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    dask: Flag = False,
    steps: int | None = None,
    every: int | None = None,
    warmup: int = 0,
    shard: str | None = None,
    merge: Folders = None,
    out: Path | None = None,
    quiet: Flag = False,
    json: Flag = False,
) -> int:
    """Train many GANs: every preset under every combination of the values set, with every seed.

    Leaves a row a GAN in rows.jsonl, and a table and a figure over the seeds. Ctrl-C, SIGTERM or SIGUSR1 ends it with
    status 130; the same command with the same --out goes on, and so it does after a loss of power.

    Args:
        presets: their names with commas between, see `gandyn list`.
        seeds: A:B, the seeds A to B - 1; default: the preset's own.
        settings: the values of controls, --set lr_d=1e-4,1e-3 unroll=0,5. Where one value holds commas itself,
            semicolons stand between values: --set "generator.widths=64,64;128,128".
        lanes: at most so many GANs in one step; default: 32 for perceptrons, 1 for convolutions.
        workers: processes; default: one a core.
        scheduler: the address of a Dask cluster that does the work, tcp://HOST:8786 (needs gandyn[sweep]).
        dask: let Dask run the --workers of this machine (needs gandyn[sweep]).
        steps: the last step; default: the preset's.
        every: steps between two measurements of the modes; default: a twentieth of the run.
        warmup: first so many steps with the preset's own value for every live control that is set to several: what
            becomes of one and the same past.
        shard: I/N, as 3/8: only those rows that are the I-th of N shares, counted from 1, by the hash of their
            configuration. Commands that differ in --shard and --out alone, on as many machines, make the sweep.
        merge: the folders of all shards, which stay as they are; put together in --out as one sweep.
        out: the folder; default: runs/0000-sweep-PRESET, the next number that is free.
        quiet: say nothing while it runs.
        json: print summary.json on stdout.
    """
    if merge is not None:
        from gandyn.cli.merging import merge as merge_shards

        others = {
            "PRESETS": presets, "--seeds": seeds, "--set": settings, "--lanes": lanes, "--workers": workers,
            "--scheduler": scheduler, "--dask": dask, "--steps": steps, "--every": every, "--warmup": warmup,
            "--shard": shard,
        }  # fmt: skip
        return merge_shards(merge, out, others, quiet=quiet, json=json)
    from gandyn.cli.sweeping import Hands, sweep

    return sweep(
        presets,
        seeds=seeds,
        settings=settings or [],
        steps=steps,
        every=every,
        warmup=warmup,
        shard=shard,
        hands=Hands(lanes, workers, scheduler, dask),
        out=out,
        quiet=quiet,
        json=json,
    )


@app.command
def bench(
    *,
    only: Annotated[list[str] | None, Parameter(consume_multiple=True, negative=())] = None,
    presets: Flag = False,
    json: Flag = False,
    write: Flag = False,
) -> int:
    """Steps per second on one core, beside the same training in plain PyTorch. Three minutes; progress on stderr.

    Args:
        only: the rows with one of these in their name, presets included: --only notebook "look-ahead 5" collapse.
        presets: a row for every preset instead.
        json: print everything that was measured as one JSON object.
        write: put tables and chart into docs/performance.md, too; for the source tree.
    """
    from gandyn.cli.benching import bench

    return bench(only or [], presets=presets, json=json, write=write)


@app.command
def warm(*, float64: Flag = False, json: Flag = False) -> int:
    """Compile the training step for all controls, once on this machine, so that no run and no page waits for it.

    What is compiled is kept in the user's cache folder; done again it costs half a second. Progress on stderr.

    Args:
        float64: for runs in float64, too.
        json: print what was compiled, and in how many seconds, as one JSON object.
    """
    from gandyn.cli.warming import warm as fill

    return fill(float64=float64, json=json)


@app.command
def serve(*, port: int = 5006, address: str = "127.0.0.1", show: Flag = False) -> int:
    """The laboratory in the browser.

    Args:
        port: to listen on.
        address: to listen on; 0.0.0.0: all.
        show: open the page in the browser.
    """
    from gandyn.ui.server import run_server

    return run_server(port, address, show=show)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 failed while running, 2 wrong usage, 130 interrupted."""
    try:
        tokens = list(sys.argv[1:] if argv is None else argv)
        if not tokens:
            app.help_print(tokens)
            return 2
        status = app(tokens, exit_on_error=False, print_error=False, result_action="return_value")
        return status or 0
    except CycloptsError as error:
        print(f"gandyn: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except ValueError as error:
        print(f"gandyn: {error}", file=sys.stderr)
        return 2
    except (OSError, ArithmeticError) as error:
        print(f"gandyn: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt as interrupt:
        print(f"gandyn: stopped at once{f'; {interrupt}' if interrupt.args else ''}", file=sys.stderr)
        return 130
