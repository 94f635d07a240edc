"""The options of the commands: what several have in common as records, and how a value is read."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, fields, make_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter, Token, convert

from gandyn.ui.server.limits import Limits


def value(kind: Any, tokens: Sequence[Token]) -> Any:
    """What an option is given; a whole number is never rounded to: 1.5 is none, 1e3 and 1000.0 are 1000.

    In a path ~ is the home folder, also where the shell leaves it as it is, as in --out=~/run.
    """
    if kind not in (int, int | None):
        converted = convert(kind, tokens)
        return list(map(_expanded, converted)) if isinstance(converted, list) else _expanded(converted)
    from gandyn.core.numerals import whole

    (token,) = tokens
    number = whole(token.value)
    if number is None:
        raise ValueError(f"a whole number is wanted, as 1000 or 1e3, not {token.value!r}")
    return number


def _expanded(given: Any) -> Any:
    """A path without ~; of a user whom nobody knows it stays, as in a shell. Anything else as it is."""
    return Path(os.path.expanduser(given)) if isinstance(given, Path) else given


# a record's field does not take over the command's converter
Whole = Annotated[int | None, Parameter(converter=value)]
Place = Annotated[Path | None, Parameter(converter=value)]
Flag = Annotated[bool, Parameter(negative=())]
Settings = Annotated[list[str] | None, Parameter(name="--set", consume_multiple=1, negative=())]
Hosts = Annotated[list[str] | None, Parameter(consume_multiple=True, negative=())]
Folders = Annotated[list[Path] | None, Parameter(consume_multiple=True, negative=())]


@Parameter(name="*")
@dataclass(frozen=True)
class Data:
    """Where data come from.

    Attributes:
        data_dir: the folder with the files of MNIST; `embedded`: the 10,000 digits that come with gandyn.
        offline: never download.
    """

    data_dir: Place = None
    offline: Flag = False


@Parameter(name="*")
@dataclass(frozen=True)
class Output:
    """What is printed.

    Attributes:
        quiet: say nothing while it runs.
        json: print summary.json on stdout.
    """

    quiet: Flag = False
    json: Flag = False


@Parameter(name="*")
@dataclass(frozen=True)
class Wanted:
    """The run that is asked for; None: not said.

    Attributes:
        steps: the last step; default: the preset's. With --resume, a new last step.
        seed: of every random number.
        device: auto (CUDA for convolutional networks where there is one), cpu or cuda.
        settings: controls by name, --set lr_d=2e-4 unroll=5 target.radius=1.5.
        config: a TOML file with controls, or the config.json of another run.
        threads: of torch; default: 1 for perceptrons, all processors for convolutions. Another number may give other
            bits.
    """

    steps: Whole = None
    seed: Whole = None
    device: str | None = None
    settings: Settings = None
    config: Place = None
    threads: Whole = None


@Parameter(name="*")
@dataclass(frozen=True)
class Swept:
    """The GANs of a sweep.

    Attributes:
        seeds: A:B, the seeds A to B - 1; default: the preset's own.
        settings: the values of controls, --set lr_d=1e-4,1e-3 unroll=0,5. Where one value holds commas itself,
            semicolons stand between values: --set "generator.widths=64,64;128,128".
        steps: the last step; default: the preset's.
        gradients: instead of --steps, evaluations of the field (both players' gradients on a minibatch): every GAN
            makes as many steps as these pay for under its own update rule, look-ahead and updates a step.
        every: steps between two measurements of the modes; default: a twentieth of the run.
        warmup: first so many steps with the preset's own value for every live control that is set to several: what
            becomes of one and the same past.
    """

    seeds: str | None = None
    settings: Settings = None
    steps: Whole = None
    gradients: Whole = None
    every: Whole = None
    warmup: Annotated[int, Parameter(converter=value)] = 0


@Parameter(name="*")
@dataclass(frozen=True)
class Workers:
    """Who does the work of a sweep; None: not said.

    Attributes:
        lanes: at most so many GANs in one step; default: 32 for perceptrons, 1 for convolutions.
        workers: processes; default: one a core.
        scheduler: the address of a Dask cluster that does the work, tcp://HOST:8786 (needs gandyn[sweep]).
        dask: let Dask run the --workers of this machine (needs gandyn[sweep]).
    """

    lanes: Whole = None
    workers: Whole = None
    scheduler: str | None = None
    dask: Flag = False


@Parameter(name="*")
@dataclass(frozen=True)
class Reach:
    """Under which names a server is reached.

    Attributes:
        allow_websocket_origin: a host whose pages may open the sockets, HOST or HOST:PORT, beside those of --address;
            for a proxy or an embedding page; several with spaces between.
        prefix: what stands before all paths of the server.
        use_xheaders: trust X-Forwarded-For and X-Forwarded-Proto, behind a proxy that sets them.
    """

    allow_websocket_origin: Hosts = None
    prefix: str = ""
    use_xheaders: Flag = False


if TYPE_CHECKING:
    Bounds = Limits
else:  # --max-sessions and all others, as gandyn/ui/server/limits.py declares them, read as whole numbers are here
    Bounds = Parameter(name="*")(
        make_dataclass(
            "Bounds",
            [(one.name, Annotated[int, Parameter(converter=value)], one.default) for one in fields(Limits)],
            frozen=True,
            namespace={"__doc__": Limits.__doc__, "__module__": __name__},
        )
    )


def given(*records: Any, **others: Any) -> list[str]:
    """The options among these that were given: fields of records that are not at their default, others that are set."""
    names = [name for record in records for name, value in vars(record).items() if value != getattr(type(record), name)]
    names += [name for name, value in others.items() if value not in (None, False)]
    return [f"--{'set' if name == 'settings' else name.replace('_', '-')}" for name in names]
