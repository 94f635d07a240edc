"""The command line. torch and panel are imported only by the command that needs them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, CycloptsError, Parameter, UnusedCliTokensError

import gandyn
from gandyn.cli.options import Bounds, Data, Flag, Folders, Output, Reach, Swept, Wanted, Workers, given, value
from gandyn.cli.streams import is_gone, say, silence
from gandyn.records.signals import stoppable

SUBJECT = "Watch a generative adversarial network learn, and fail, live."

app = App(
    name="gandyn",
    help=SUBJECT,
    version=f"gandyn {gandyn.__version__}",
    default_parameter=Parameter(converter=value),
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
    wanted: Wanted = Wanted(),
    out: Path | None = None,
    data: Data = Data(),
    resume: Path | None = None,
    dry_run: Flag = False,
    output: Output = Output(),
    tensorboard: Flag = False,
    anyway: Flag = False,
) -> int:
    """Train a preset without a browser, and leave a run directory.

    Ctrl-C, SIGTERM, SIGHUP or SIGUSR1 ends it with status 130 after a checkpoint, with which --resume goes on.

    Args:
        preset: its name, see `gandyn list`; not needed with --resume, nor with a --config that names one.
        out: the run directory, which must be empty; default: runs/0000-PRESET, the next number that is free.
        resume: a run directory to go on with, from its last good checkpoint.
        dry_run: print the resolved experiment, as TOML, and do nothing.
        tensorboard: write its event files, too (needs gandyn[tensorboard]).
        anyway: go on with --resume also where the run was made with other random numbers, under the new ones, and where
            its engine is not available here, by the one that is.
    """
    from gandyn.cli.training import train

    how = {"dry_run": dry_run, "output": output, "tensorboard": tensorboard, "anyway": anyway}
    return train(preset, wanted, data, out=out, resume=resume, **how)


@app.command
def evaluate(directory: Path, /, *, data: Data = Data(), json: Flag = False) -> int:
    """How good the samples of a run are: writes evaluation.json and, for digits, neighbours.png.

    Args:
        directory: the run directory.
        json: print one JSON object.
    """
    from gandyn.cli.evaluating import evaluate

    return evaluate(directory, data, json=json)


@app.command
@stoppable()
def replay(
    file: Path,
    /,
    *,
    out: Path | None = None,
    movie: Path | None = None,
    report: Path | None = None,
    data: Data = Data(),
    anyway: Flag = False,
    output: Output = Output(),
) -> int:
    """Do a recorded session again, bit for bit, and leave its pictures and its movie in a run directory.

    Args:
        file: the trace, trace.json of a run or as saved from the laboratory.
        out: the run directory, which must be empty; default: runs/0000-PRESET, the next number that is free.
        movie: write the movie here, too; the suffix says how: .webp, .gif, .mp4 (needs gandyn[video]).
        report: write one HTML file here that plays the session back without a server: points in the plane, .html.
        anyway: also a session that was made with other random numbers, under the new ones, and where the engine that
            computed it is not available here, by the one that is.
    """
    from gandyn.cli.replaying import replay

    return replay(file, data, output, out=out, movie=movie, report=report, anyway=anyway)


@app.command
@stoppable()
def sweep(
    presets: str | None = None,
    /,
    *,
    swept: Swept = Swept(),
    workers: Workers = Workers(),
    shard: str | None = None,
    merge: Folders = None,
    out: Path | None = None,
    output: Output = Output(),
) -> int:
    """Train many GANs: every preset under every combination of the values set, with every seed.

    Leaves a row a GAN in rows.jsonl, and a table and a figure over the seeds. Ctrl-C, SIGTERM, SIGHUP or SIGUSR1 ends
    it with status 130; the same command with the same --out goes on, and so it does after a loss of power.

    Args:
        presets: their names with commas between, see `gandyn list`.
        shard: I/N, as 3/8: only those rows that are the I-th of N shares, counted from 1, by the hash of their
            configuration. Commands that differ in --shard and --out alone, on as many machines, make the sweep.
        merge: the folders of all shards, which stay as they are; put together in --out as one sweep.
        out: the folder; default: runs/0000-sweep-PRESET, the next number that is free.
    """
    if merge is not None:
        from gandyn.cli.merging import merge as merge_shards

        others = ["PRESETS"] * bool(presets) + given(swept, workers, shard=shard)
        return merge_shards(merge, out, others, output)
    from gandyn.cli.sweeping import sweep

    return sweep(presets or "", swept, workers, shard=shard, out=out, output=output)


@app.command
def bench(
    *,
    only: Annotated[list[str] | None, Parameter(consume_multiple=1, negative=())] = None,
    presets: Flag = False,
    jax: Path | None = None,
    json: Flag = False,
    write: Flag = False,
) -> int:
    """Steps per second on one core, beside the same training in plain PyTorch. Five minutes; progress on stderr.

    Args:
        only: the rows with one of these in their name, presets included: --only notebook "look-ahead 5" collapse.
        presets: a row for every preset instead.
        jax: a Python that has jax, of any environment, to measure beside gandyn; `make bench-jax` makes one.
        json: print everything that was measured as one JSON object.
        write: put tables and chart into docs/performance.md, too; for the source tree.
    """
    from gandyn.cli.benching import bench

    return bench(only or [], presets=presets, jax=jax, json=json, write=write)


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
def serve(
    *,
    port: int = 5006,
    address: str = "127.0.0.1",
    show: Flag = False,
    password: str | None = None,
    everybody: Annotated[bool, Parameter(name="--open", negative=())] = False,
    classroom: Flag = False,
    key: str | None = None,
    processes: int | None = None,
    reach: Reach = Reach(),
    bounds: Bounds = Bounds(),
) -> int:
    """The laboratory in the browser.

    On an address that other machines reach a password is asked for: --password names it, PANEL_BASIC_AUTH or Panel's
    OAuth variables say who may come in, --open lets everybody in; without any of them one is made and printed.

    Args:
        port: to listen on.
        address: to listen on; 0.0.0.0: all.
        show: open the page in the browser.
        password: what the page asks for. Others on this machine may see it in the list of processes; not so
            PANEL_BASIC_AUTH, which may be the path of a JSON file of names and passwords, too.
        everybody: ask for no password on any address.
        classroom: one run that a teacher steers and everybody sees, and runs of their own for the others, within what
            the teacher allows; prints the class's link and the teacher's.
        key: the teacher's, with --classroom, of 8 characters or more; default: one is made.
        processes: that share the pages; default: one a core on an address that other machines reach, else 1. A class
            is one.
    """
    from gandyn.cli.serving import serve

    door: dict[str, Any] = {"password": password, "everybody": everybody, **vars(reach)}
    return serve(port, address, vars(bounds), processes, show=show, classroom=classroom, key=key, **door)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 failed while running, 2 wrong usage, 130 interrupted, 141 nobody reads on (| head)."""
    try:
        tokens = list(sys.argv[1:] if argv is None else argv)
        if not tokens:
            app.help_print(tokens)
            return 2
        status = app(tokens, exit_on_error=False, print_error=False, result_action="return_value")
        if not status:
            print(end="", flush=True)  # now, while what is wrong with it can be said
        return status or 0
    except UnusedCliTokensError as error:
        command, rest = " ".join(error.command_chain or ()), " ".join(error.unused_tokens or ())
        say(f"gandyn: {command} does not take {rest!r}: see `gandyn {command} --help`")
        return 2
    except CycloptsError as error:
        say(f"gandyn: {' '.join(str(error).split())}")
        return 2
    except ValueError as error:
        say(f"gandyn: {error}")
        return 2
    except OSError as error:
        if is_gone(error):
            return 141  # 128 + SIGPIPE, with which other programs end
        from gandyn.records.disk import trouble

        say(f"gandyn: {trouble(error)}")
        return 1
    except ArithmeticError as error:
        say(f"gandyn: {error}")
        return 1
    except MemoryError:
        say("gandyn: this machine has not enough memory: end other programs, or ask for smaller networks or batches")
        return 1
    except KeyboardInterrupt as interrupt:
        say(f"gandyn: stopped at once{f'; {interrupt}' if interrupt.args else ''}")
        return 130
    finally:
        silence()
