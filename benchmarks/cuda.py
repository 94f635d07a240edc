"""Steps per second on a CUDA device: `python -m benchmarks.cuda`. Two minutes; needs the MNIST files for its last rows.

Each row: gandyn with all of its random numbers, these alone, and the same training in plain PyTorch on the device with
its batches there already. Medians of rounds that take turns.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

import torch

import gandyn
from gandyn.benchmarks.lookahead import baseline
from gandyn.benchmarks.timing import Advance, Turns, by_clock, take_turns
from gandyn.benchmarks.training import steps
from gandyn.core.drawing import Batches
from gandyn.core.experiment import Experiment
from gandyn.core.types import Batch

TURNS = Turns(rounds=5, burst=0.3)
PATIENCE = 30.0  # seconds for a row, about
LANES = (64, 1024, 4096)
MNIST = ("mnist-edward", "mnist-mlp", "mnist-dcgan-lab", "mnist-wgan", "mnist-wgan-gp")


def draws(setting: Experiment, lanes: int | None, device: str) -> Advance:
    """The random numbers of n steps."""

    def forward(n: int) -> None:
        first, batches = 0, Batches()
        while first < n:
            drawn = batches.next(
                setting, range(lanes or 1), first, n - first, torch.float32, device, lanes is not None, True
            )
            first += len(drawn.z)

    return forward


def plain(setting: Experiment, device: str) -> Advance:
    """A plain loop on batches that lie on the device."""
    loop = baseline(setting, gandyn.init(setting.game, 0, device=device), shared=False)
    fixed = [
        Batch(*(part if part is None else part.to(device) for part in batch))  # type: ignore[arg-type]
        for batch in loop.draw_batches()
    ]

    def forward(n: int) -> None:
        for _ in range(n):
            loop.step(fixed)

    return forward


def rates(contenders: dict[str, Advance], wait: Callable[[], None], turns: Turns) -> dict[str, float]:
    """Steps per second of each, in turns; `wait`: until the device has done what it was given."""

    def waited(forward: Advance) -> Advance:
        return lambda n: (forward(n), wait())

    calls = {name: by_clock(waited(forward)) for name, forward in contenders.items()}
    return {name: 1 / median(seconds) for name, seconds in take_turns(calls, PATIENCE, turns).items()}


def row(name: str, setting: Experiment, lanes: int | None, device: str = "cuda", turns: Turns = TURNS) -> str:
    """A row of the table."""
    contenders = {"gandyn": steps(setting, lanes, device=device), "draws": draws(setting, lanes, device)}
    if lanes is None:
        contenders["plain"] = plain(setting, device)
    wait = torch.cuda.synchronize if device == "cuda" else lambda: None
    measured = rates(contenders, wait, turns)
    of_one = lanes or 1
    cells = [f"{measured['gandyn'] * of_one:,.0f}", f"{measured['draws'] * of_one:,.0f}"]
    if lanes is None:
        cells += [f"{measured['plain']:,.0f}", f"{measured['gandyn'] / measured['plain']:.1f}x"]
    return " | ".join(["", name, *cells, *[""] * (5 - len(cells))]).strip() + " |"


def main() -> None:
    if not torch.cuda.is_available():
        raise SystemExit("there is no CUDA device on this machine, or this torch is not made for it")
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}\n")
    print("| GAN-steps per second | gandyn | its random numbers alone | plain PyTorch, without | gandyn / plain |")
    print("|---|---|---|---|---|")
    classroom = gandyn.preset("collapse")
    for name in ("collapse", "ring-wgan-gp", "unrolled-notebook"):
        print(row(f"`{name}`", gandyn.preset(name), None), flush=True)
    print(row("`collapse`, k = 5", classroom.replace(unroll=5, lr_d=1e-3), None), flush=True)
    for lanes in LANES:
        print(row(f"`collapse`, {lanes:,} GANs", classroom, lanes), flush=True)
    for name in MNIST:
        print(row(f"`{name}`", gandyn.preset(name), None), flush=True)


if __name__ == "__main__":
    main()
