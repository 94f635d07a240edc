"""What a sweep runs: presets, values of controls and seeds, as one resolved configuration a GAN."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

from gandyn.core import checks
from gandyn.core.chance import seed_matters
from gandyn.core.controls import PARTS, controls, own_controls, part_named, weight_controls
from gandyn.core.experiment import MAX_TOTAL_STEPS, Experiment
from gandyn.core.numerals import whole
from gandyn.core.registry import brief
from gandyn.core.rng import MAX_SEED
from gandyn.presets import PRESETS
from gandyn.records import strict_json as json
from gandyn.records.config import to_config

LOOKS = 20  # in a run, unless it is said how many steps lie between two
MOST = 100_000  # GANs in a sweep
ELSEWHERE = {"seed": "use --seeds A:B", "preset": "name several before the options, with commas between"}
UNSWEPT = ("note", "cite", "name", "summary", "steps_per_second", "probe_unroll")  # they change nothing that is kept


class Axis(NamedTuple):
    """What takes several values: "preset" or a control; values as they stand in rows."""

    name: str
    values: tuple[Any, ...]


class Job(NamedTuple):
    """One GAN of a sweep."""

    key: str  # key_of all that follows but the point and the seed, which config has
    config: dict[str, Any]  # everything resolved, as records.config has it
    every: int  # steps between two measurements
    warmup: int  # steps under `before`, another configuration of the same shape; then come those under config
    before: dict[str, Any] | None
    point: dict[str, Any]  # its preset and every control that was set, by name; the same for all its seeds
    seed: int


class Grid(NamedTuple):
    """A whole sweep."""

    axes: tuple[Axis, ...]  # what was set to two values or more, in the order given
    jobs: tuple[Job, ...]  # point after point, and in each seed after seed
    notes: tuple[str, ...] = ()  # lines for the person who asked: settings or seeds that differ in name alone


def grid(
    presets: str,
    seeds: str | None = None,
    settings: Sequence[str] = (),
    steps: int | None = None,
    every: int | None = None,
    warmup: int = 0,
    gradients: int | None = None,
) -> Grid:
    """Every preset under every combination of the values set, with every seed.

    For the first `warmup` steps the live controls that are set to several values stand where the preset has them: a
    sweep of what happens to one and the same past.

    `presets`: names with commas between. `seeds`: A:B is A to B - 1; default: each preset's own. `settings`: texts
    name=v1,v2. `gradients`: instead of `steps`, so many evaluations of the field for every GAN, those of the warm-up
    among them, see Rule.gradients. Where nothing is random all seeds are one run, which is there once, under the first.
    Raises ValueError with one line for anything that is unknown, out of range, or said twice.
    """
    names = _split(presets)
    if not names:
        raise ValueError("which preset? `gandyn list` shows them, `gandyn sweep NAME --seeds 0:8` sweeps one")
    swept = _settings(settings, steps)
    warmup = checks.integer("--warmup", warmup, 0, MAX_TOTAL_STEPS)
    if gradients is not None:
        gradients = checks.integer("--gradients", gradients, 1, MAX_TOTAL_STEPS)
        if "steps" in swept:
            raise ValueError("--gradients says how many steps each GAN makes: leave out --steps")
    chosen = _seeds(seeds)
    count = len(names) * len(chosen or (0,))
    for values in swept.values():
        count *= len(values)
    if count > MOST:
        raise ValueError(f"this sweep would be {count:,} GANs, more than {MOST:,}: leave out values or seeds")
    jobs: list[Job] = []
    reasons: dict[str, list[str | None]] = {control: [] for control in swept}
    fixed_points = 0
    for name, *values in product(names, *swept.values()):
        experiment = PRESETS[name].replace(**dict(zip(swept, values, strict=True)))
        fixed = {n: v for (n, of), v in zip(swept.items(), values, strict=True) if len(of) == 1 or not _live(n)}
        before = PRESETS[name].replace(**fixed) if warmup else None
        if gradients is not None:
            experiment = experiment.replace(steps=_steps_of(gradients, experiment, before, warmup))
        for control, why in reasons.items():
            acts_before = before is not None and control in fixed and before.idle(control) is None  # in the warm-up
            why.append(None if acts_before else experiment.idle(control))
        seeds_of = chosen
        if chosen and len(chosen) > 1 and not any(seed_matters(one) for one in (experiment, before) if one):
            seeds_of, fixed_points = chosen[:1], fixed_points + 1
        jobs += _point_jobs(experiment, before, name, list(swept), seeds_of, every, warmup)
    if len({job.key for job in jobs}) < len(jobs):
        raise ValueError("two GANs of this sweep would be the same: a preset or a value is there twice")
    points = [job.point for job in jobs]
    axes = (Axis(name, _distinct([point[name] for point in points])) for name in ("preset", *swept))
    notes = tuple(note for name, why in reasons.items() if (note := _without_effect(name, len(swept[name]), why)))
    if chosen and fixed_points:
        notes += (_one_run(fixed_points, len({str(point) for point in points}), chosen),)
    return Grid(tuple(axis for axis in axes if len(axis.values) > 1), tuple(jobs), notes)


def _one_run(fixed: int, points: int, seeds: Sequence[int]) -> str:
    """A line on points at which nothing is random."""
    where = "" if fixed == points else f"at {fixed} of {points} points "
    return f"{where}nothing is random: all {len(seeds)} seeds are the same run, which is made once, as seed {seeds[0]}"


def _without_effect(name: str, values: int, reasons: Sequence[str | None]) -> str | None:
    """A line on a control that has no effect at some points; ValueError where one of several values has at none.

    `values`: how many it has; `reasons`: of every point why it has no effect, or None.
    """
    idle = [reason for reason in reasons if reason]
    if not idle:
        return None
    if values == 1:
        return f"{name} changes nothing ({idle[0]})" + ("" if len(idle) == len(reasons) else f" at {len(idle)} points")
    if len(idle) == len(reasons):
        raise ValueError(f"{name} has several values, but changes nothing here: {idle[0]}; leave it out, or set that")
    return f"at {len(idle)} of {len(reasons)} points {name} changes nothing ({idle[0]}): GANs there are the same"


def _steps_of(gradients: int, experiment: Experiment, before: Experiment | None, warmup: int) -> int:
    """How many steps, those of the warm-up among them, take so many evaluations of the field, to the nearest step."""
    each = experiment.rule.gradients
    first = 0.0 if before is None else warmup * before.rule.gradients
    if gradients < first + each:
        least = f"a step costs {each:g}" + (f", after a warm-up of {first:,g}" if first else "")
        raise ValueError(f"--gradients {gradients} is less than one step: {least}; name more, or a shorter --warmup")
    return min(MAX_TOTAL_STEPS, warmup + round((gradients - first) / each))


def _live(name: str) -> bool:
    """Whether a control may change on the way; parameters of targets, update rules and objectives may."""
    known = controls() | weight_controls()
    return known[name].live if name in known else name.partition(".")[0] in PARTS


def _point_jobs(
    experiment: Experiment,
    before: Experiment | None,
    preset: str,
    swept: Sequence[str],
    seeds: Sequence[int] | None,
    every: int | None,
    warmup: int,
) -> list[Job]:
    config, values = to_config(experiment), experiment.values() | {"steps": experiment.steps}
    if lost := [name for name in swept if name not in values]:
        raise ValueError(f"preset {preset!r} has no {lost[0]}: sweep it without, or on its own")
    point = {"preset": preset} | {name: values[name] for name in swept}
    between = experiment.steps // LOOKS or 1 if every is None else every
    between = checks.integer("--every", between, 1, MAX_TOTAL_STEPS)
    warmup = checks.integer("--warmup", warmup, 0, experiment.steps - 1)
    past = None if before is None else to_config(before)
    jobs = []
    for seed in (experiment.seed,) if seeds is None else seeds:
        now, before_it = with_seed(config, seed), None if past is None else with_seed(past, seed)
        jobs.append(Job(key_of(now, between, warmup, before_it), now, between, warmup, before_it, point, seed))
    return jobs


def with_seed(config: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """The configuration of that seed."""
    return {**config, "controls": {**config["controls"], "seed": seed}}


def key_of(config: dict[str, Any], every: int, warmup: int, before: dict[str, Any] | None) -> str:
    """The SHA-256 of all that a row depends on, as JSON with sorted keys: its first 64 bits as hexadecimal digits."""
    text = json.dumps([config, every, warmup, before], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _seeds(text: str | None) -> range | None:
    if text is None:
        return None
    first, colon, end = text.partition(":")
    low, high = whole(first), whole(end)
    seeds = range(0) if low is None or high is None else range(low, high)
    if not colon or not seeds or seeds[0] < 0 or seeds[-1] > MAX_SEED:
        raise ValueError(f"--seeds takes A:B, the whole numbers from A to B - 1, as 0:16, not {brief(text)}")
    return seeds


def _settings(texts: Sequence[str], steps: int | None) -> dict[str, list[str]]:
    """The values of each control, as texts; --steps is one of them with one value."""
    by_name: dict[str, list[str]] = {} if steps is None else {"steps": [str(steps)]}
    for text in texts:
        name, equals, values = (part.strip() for part in text.partition("="))
        if not equals or not name:
            raise ValueError(f"--set takes name=value or name=value,value, not {brief(text)}")
        if name in ELSEWHERE:
            raise ValueError(f"{name} is not set by --set: {ELSEWHERE[name]}")
        if name in UNSWEPT:
            raise ValueError(f"{name} changes nothing that a sweep computes: leave it out")
        if name in by_name:
            raise ValueError(f"{name} is set twice: give all its values at once")
        by_name[name] = _split(values, ";" if ";" in values or name in _tuples() else ",")
        if not by_name[name]:
            raise ValueError(f"--set {name}= names no value")
    return by_name


def _tuples() -> set[str]:
    """The controls whose one value may hold commas."""
    every = (part_named(kind, name) for kind, names in PARTS.items() for name in names)
    own = [control for part in every for control in own_controls(type(part))]
    return {control.name for control in [*own, *controls().values()] if control.type is tuple}


def _split(text: str, separator: str = ",") -> list[str]:
    return [part.strip() for part in text.split(separator) if part.strip()]


def _distinct(values: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(values))
