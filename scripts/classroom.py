"""Check on fresh seeds what the classroom presets promise, and write the table into docs/classroom.md.

    nice python -m scripts.classroom            # seeds 0 to 7; finished rows are kept, so it can be stopped at any time
    python -m scripts.classroom --table-only    # the table of the rows that there are

Each row of runs/classroom.jsonl is one arm on one seed. A simulated second is steps_per_second steps; seconds of a core
are the CPU time of the steps alone, on one thread, by the engine that the laboratory uses.
"""

import argparse
import math
import time
from collections.abc import Callable, Iterator
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any

import torch

from gandyn.core.engine import play
from gandyn.core.experiment import Experiment
from gandyn.core.play import draw_latents
from gandyn.core.rng import Rng
from gandyn.core.types import State
from gandyn.presets import preset
from gandyn.probes.measures import measure
from gandyn.records import strict_json as json
from scripts import classroom_table

HOME = Path(__file__).resolve().parent.parent
ROWS, PAGE = HOME / "runs" / "classroom.jsonl", HOME / "docs" / "classroom.md"
SAMPLES = 2_500
CURE = {"unroll": 5, "lr_d": 1e-3}
CONTROL = {"lr_d": 1e-3}
BUDGET = 30.0  # seconds of one core for a cure
HELD = 10  # measurements after it, to see whether it lasts
CONTROL_STEPS = 3_000

Row = dict[str, Any]


def samples(experiment: Experiment, state: State, seed: int, n: int = SAMPLES) -> torch.Tensor:
    """n samples from the same latents at every measurement."""
    z = draw_latents(experiment.game.latent, n, Rng(seed))
    with torch.no_grad():
        return experiment.game.generator.apply(state.ema_g, z)


def measured(experiment: Experiment, state: State, seed: int) -> tuple[int, float]:
    """(covered, hq) of a state."""
    measures = measure(experiment.target, samples(experiment, state, seed), projections=1)
    return int(measures["covered"] or 0), float(measures["hq"] or 0)


def chunks(experiment: Experiment, seed: int, size: int, state: State | None = None) -> Iterator[tuple[State, float]]:
    """The run, every `size` steps: (state, CPU seconds of all its steps up to there)."""
    run, spent = play(experiment, state=state, seed=seed), 0.0
    while True:
        start = time.process_time()
        for _ in range(size):
            state, _ = next(run)
        spent += time.process_time() - start
        assert state is not None
        yield state, spent


def watch(experiment: Experiment, seed: int, seconds: int) -> tuple[list[int], float, float]:
    """(covered at each simulated second, high quality at the last, CPU milliseconds a step)."""
    speed = int(experiment.steps_per_second)
    seen = [
        (*measured(experiment, state, seed), spent) for state, spent in islice(chunks(experiment, seed, speed), seconds)
    ]
    return [covered for covered, _, _ in seen], seen[-1][1], 1e3 * seen[-1][2] / (seconds * speed)


def collapse(seed: int) -> Row:
    """The collapse for a minute: is covered <= 2 from second 5 to second 60?"""
    covered, hq, ms = watch(ready("collapse"), seed, 60)
    above = [second for second, modes in enumerate(covered, 1) if modes > 2]
    return {"since": max(above, default=0) + 1, "most": max(covered[4:]), "covered": covered, "hq": hq, "ms": ms}


def switched(second: int, change: dict[str, Any], most_steps: int | None = None) -> Callable[[int], Row]:
    """The collapse until `second`, then `change` with the limiter off: until 10 measurements after covered came to 7.

    It is given up after `most_steps`, or without them after 30 seconds of a core.
    """

    def arm(seed: int) -> Row:
        sick = ready("collapse")
        speed = int(sick.steps_per_second)
        start, _ = next(chunks(sick, seed, second * speed))
        before, _ = measured(sick, start, seed)
        changed, covered, steps, reached, hq = sick.replace(**change), [], 0, None, 0.0
        for state, spent in chunks(changed, seed, speed, start):
            steps += speed
            modes, hq = measured(changed, state, seed)
            covered.append(modes)
            if modes >= 7 and reached is None and (most_steps or spent <= BUDGET):
                reached = {"seconds": round(spent, 1), "steps": steps}
            over = steps >= most_steps if most_steps else spent > BUDGET
            if over or (reached and steps >= reached["steps"] + HELD * speed and not most_steps):
                break
        return {"before": before, "reached": reached, "last": covered[-1], "steps": steps, "hq": hq, "covered": covered}

    return arm


def ring(name: str, seconds: int = 30) -> Callable[[int], Row]:
    """A run that should cover 8 of 8 within 20 simulated seconds."""

    def arm(seed: int) -> Row:
        covered, hq, ms = watch(ready(name), seed, seconds)
        at = next((second for second, modes in enumerate(covered, 1) if modes == 8), None)
        lost = sum(modes < 8 for modes in covered[at:]) if at else None
        return {"at": at, "lost": lost, "last": covered[-1], "hq": hq, "ms": ms, "covered": covered}

    return arm


def rotation(seed: int) -> Row:
    """The angle of the sample mean, from second 5 to 60: turns to either side, and the modes in their order."""
    experiment = ready("rotation")
    size = 5
    per_minute = 60 * int(experiment.steps_per_second) // size
    centres = experiment.target.mixture().centres  # type: ignore[union-attr]
    angles, nearest, covered = [], [], []
    for i, (state, _) in zip(range(per_minute), chunks(experiment, seed, size), strict=False):
        if i < per_minute // 12:
            continue
        x = samples(experiment, state, seed, 500).double()
        mean = x.mean(0)
        angles.append(math.atan2(float(mean[0]), float(mean[1])))
        nearest.append(int(torch.cdist(x, centres).argmin(1).bincount(minlength=len(centres)).argmax()))
        if i % (per_minute // 60) == 0:
            covered.append(measured(experiment, state, seed)[0])
    moves = [math.remainder(new - old, 2 * math.pi) for old, new in zip(angles, angles[1:], strict=False)]
    net, way = sum(moves) / (2 * math.pi), sum(map(abs, moves)) / (2 * math.pi)
    visits = [new for old, new in zip(nearest, nearest[1:], strict=False) if new != old]
    hops = [(new - old) % len(centres) for old, new in zip(visits, visits[1:], strict=False)]
    onward = sum(hop == (1 if net > 0 else len(centres) - 1) for hop in hops) / max(len(hops), 1)
    return {
        "turns": net,
        "way": way,
        "visits": len(visits),
        "onward": onward,
        "most": max(covered),
        "modes": len(set(visits)),
    }


ARMS: dict[str, Callable[[int], Row]] = {
    "collapse": collapse,
    "ring-wgan-gp": ring("ring-wgan-gp"),
    "ring-wgan-clip": ring("ring-wgan-clip"),
    "rotation": rotation,
    "cure at 15 s": switched(15, CURE),
    "cure at 40 s": switched(40, CURE),
    "control at 15 s": switched(15, CONTROL, CONTROL_STEPS),
    "control at 40 s": switched(40, CONTROL, CONTROL_STEPS),
}


def ready(name: str) -> Experiment:
    """The preset on the processor."""
    return preset(name, device="cpu")


def fingerprint(arm: str) -> str:
    """Changes with the preset of an arm, so that rows of an older one are done again."""
    experiment = ready(arm if " at " not in arm else "collapse")
    what = json.dumps([experiment.values(), experiment.steps_per_second, CURE, CONTROL, SAMPLES], sort_keys=True)
    return blake2b(what.encode(), digest_size=6).hexdigest()


def rows() -> dict[tuple[str, int], Row]:
    """The finished rows of the presets as they are now, by arm and seed."""
    known = {arm: fingerprint(arm) for arm in ARMS}
    lines = ROWS.read_text().splitlines() if ROWS.exists() else []
    finished = [json.loads(line) for line in lines]
    return {(row["arm"], row["seed"]): row for row in finished if known.get(row["arm"]) == row["preset"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", default="0:8", help="first and one past the last, as 0:8")
    parser.add_argument(
        "--arms", nargs="*", default=list(ARMS), choices=list(ARMS), metavar="ARM", help=", ".join(ARMS)
    )
    parser.add_argument("--table-only", action="store_true", help="run nothing")
    args = parser.parse_args()
    torch.set_num_threads(1)
    seeds = range(*map(int, args.seeds.split(":")))
    ROWS.parent.mkdir(exist_ok=True)
    for arm in () if args.table_only else args.arms:
        for seed in seeds:
            if (arm, seed) in rows():
                continue
            row = {"arm": arm, "seed": seed, "preset": fingerprint(arm), **ARMS[arm](seed)}
            with ROWS.open("a") as file:
                file.write(json.dumps(row) + "\n")
            print(
                arm, seed, {k: v for k, v in row.items() if k not in ("arm", "seed", "preset", "covered")}, flush=True
            )
    classroom_table.write(PAGE, rows(), seeds)


if __name__ == "__main__":
    main()
