"""An experiment: a frozen value with everything that a run needs, and the one way to change it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from gandyn.core import checks
from gandyn.core.bounds import BOUNDS, MAX_SPEED
from gandyn.core.controls import PARTS, Control, controls, own_controls, part_named, weight_controls
from gandyn.core.new_game import checked_latent, is_latent, new_game, of_packs
from gandyn.core.numerals import real, whole
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.parameters import Parametrised
from gandyn.core.registry import Registry, UnknownName, brief, unknown
from gandyn.core.rng import MAX_SEED
from gandyn.core.target import TARGETS, Target
from gandyn.core.types import (
    DEVICES,
    OWN_WEIGHT,
    Game,
    Knobs,
    Latent,
    Net,
    Objective,
    Rule,
    Schedule,
)
from gandyn.core.update_rule import UpdateRule
from gandyn.core.update_rules import UPDATE_RULES
from gandyn.core.whole import check_whole

MAX_TOTAL_STEPS = 10**9
TRUE, FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


@dataclass(frozen=True)
class Experiment:
    """A target, a game, a rule, knobs, and how many steps; refused at construction if the parts do not fit.

    Values only: a run never changes its experiment, it goes on with another one, made by `replace`.
    """

    target: Target
    game: Game
    rule: Rule = Rule()  # noqa: RUF009  immutable
    knobs: Knobs = Knobs()  # noqa: RUF009  immutable
    steps: int = 10_000
    note: str = ""  # what to see, and where the source errs
    cite: str = ""
    name: str = ""
    summary: str = ""
    steps_per_second: float = 0.0  # the speed at which it is shown; 0 = unlimited
    seed: int = 0
    device: str = "auto"
    probe_unroll: int = 5  # the k with which the gap is measured while the rule has none
    schedule: Schedule = Schedule()  # noqa: RUF009  immutable
    alternatives: tuple[tuple[str, str], ...] = ()  # what to compare it with: (what it is called, "unroll=5 lr_d=1e-3")

    def __post_init__(self) -> None:
        for name, kind in (("target", Target), ("game", Game), ("rule", Rule), ("knobs", Knobs)):
            if not isinstance(getattr(self, name), kind):
                raise ValueError(f"{name} must be a {kind.__name__}, not {brief(getattr(self, name))}")
        latent = checked_latent(*self.game.latent)
        checked = {  # a whole float is an int from here on: 3.0 and 3 are the same seed
            "steps": checks.integer("steps", self.steps, 1, MAX_TOTAL_STEPS),
            "seed": checks.integer("seed", self.seed, 0, MAX_SEED),
            "steps_per_second": checks.number("steps_per_second", self.steps_per_second, 0, MAX_SPEED),
            "device": checks.choice("device", self.device, DEVICES),
            "probe_unroll": checks.integer("probe_unroll", self.probe_unroll, *BOUNDS["probe_unroll"]),
            "game": self.game if is_latent(self.game.latent) else self.game._replace(latent=latent),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)
        self._check_shapes(self.game.generator, self.game.critic, latent)
        check_whole(self.game, self.rule)

    def _check_shapes(self, generator: Net, critic: Net, latent: Latent) -> None:
        if generator.inputs is not None and generator.inputs != (latent.size,):
            raise ValueError(f"the generator takes {generator.inputs[0]} numbers but latent_size is {latent.size}")
        if generator.outputs is not None and generator.outputs != self.target.shape:
            shape = checks.dimensions(generator.outputs)
            raise ValueError(f"the generator makes samples of shape {shape} but {self._wanted()}")
        if critic.inputs is not None and critic.inputs != of_packs(self.target.shape, critic.pack):
            packs = f"packs of {critic.pack} " if critic.pack > 1 else ""
            shape = checks.dimensions(critic.inputs)
            raise ValueError(f"the critic takes {packs}samples of shape {shape} but {self._wanted()}")
        if critic.outputs is not None and critic.outputs != (1,):
            raise ValueError(f"the critic must end in 1 number, not {checks.dimensions(critic.outputs)}")

    def _wanted(self) -> str:
        return f"target {self.target.name!r} has {checks.dimensions(self.target.shape)}"

    def controls(self) -> dict[str, Control]:
        """All controls of this experiment by name: parameters of its parts and own weights of its penalties, too.

        A penalty without a weight of its own has `penalty_weight`; `replace` takes `penalty.NAME` all the same.
        """
        return controls(*self.parts, weights=dict(self.knobs.weights))

    @property
    def parts(self) -> tuple[Target, UpdateRule, Objective]:
        """What has parameters of its own, which are controls; of objectives some have."""
        return self.target, self.rule.update_rule, self.rule.losses

    def idle(self, name: str) -> str | None:
        """Why this control has no effect now; None where it has one, and of what is no control."""
        known = self.controls()
        return known[name].idle(self) if name in known else None

    def values(self) -> dict[str, Any]:
        """The value of every control by name: the whole configuration, flat and JSON-able."""
        return dict(self._values)

    @cached_property
    def _values(self) -> dict[str, Any]:
        every: dict[str, Any] = {**self.rule._asdict(), **self.knobs.numbers()}
        for part in self.parts:
            every[part.kind] = part.name
            every |= {f"{part.kind}.{name}": value for name, value in part.parameters().items()}
        for part, net in (("generator", self.game.generator), ("critic", self.game.critic)):
            every |= {f"{part}.{name}": value for name, value in net.spec.items()}
        every["optimizer_g"], every["optimizer_d"] = self.game.optimizer_g.name, self.game.optimizer_d.name
        every["latent_size"], every["latent"] = self.game.latent
        every |= {"seed": self.seed, "device": self.device, "probe_unroll": self.probe_unroll}
        return {name: every[name] for name in self.controls() if name in every}

    def replace(self, /, **changes: Any) -> Experiment:
        """The same experiment under other controls: `e.replace(unroll=5, **{"target.radius": 1.5})`.

        Text is taken as well as values ("1e-3", "64,64"), as it comes from a link or a command line. `steps`,
        `steps_per_second`, `note`, `cite`, `name`, `summary` may be given too. Raises ValueError with one line.
        """
        target, extra = chosen_part(self.target, TARGETS, changes), {}
        update_rule = chosen_part(self.rule.update_rule, UPDATE_RULES, changes)
        objective = chosen_part(self.rule.losses, OBJECTIVES, changes)
        known = controls(target, update_rule, objective)
        every = known | weight_controls()
        kinds = ("knob", "rule", "target", "update_rule", "objective", "game", "run", "view")
        parts: dict[str, dict[str, Any]] = {kind: {} for kind in kinds}
        fields = ("steps", "steps_per_second", "note", "cite", "name", "summary")
        for name, value in changes.items():
            if name in fields:
                extra[name] = _read(type(getattr(self, name)), value)
            elif name not in every:
                raise _unknown(name, every, (target, update_rule, objective))
            else:
                parts[every[name].kind][name] = _read(every[name].type, value)
        target, update_rule = with_values(target, parts["target"]), with_values(update_rule, parts["update_rule"])
        objective = with_values(objective, parts["objective"])
        losses = {"objective": objective.name, "objective_numbers": objective.parameters()}
        changed = {
            "target": target,
            "game": new_game(self.game, target, parts["game"]),
            "rule": self.rule._replace(**parts["rule"], update_rule=update_rule, **losses),
            "knobs": Knobs.of(self.knobs.numbers() | parts["knob"]),
        }
        return dataclasses.replace(self, **changed, **parts["run"], **parts["view"], **extra)

    def resets(self, /, **changes: Any) -> list[str]:
        """The names among `changes` that would change the game, so need a reset."""
        new, known = self.replace(**changes), {**self.controls()}
        old_values, new_values = self.values(), new.values()
        names = [n for n, c in known.items() if not c.live and old_values.get(n) != new_values.get(n)]
        return names if names or new.game == self.game else ["target"]


Part = TypeVar("Part", bound=Any)


def _unknown(name: str, known: Iterable[str], parts: Sequence[Any]) -> UnknownName:
    """The error for a misspelt control: of `target.raduis` with the target's own parameters, else with all controls."""
    kind = name.partition(".")[0]
    own = [one for one in known if one.startswith(f"{kind}.")] if "." in name else []
    if kind in PARTS and "." in name:
        chosen = next(part.name for part in parts if part.kind == kind)
        own_of = {each: [c.name for c in own_controls(type(part_named(kind, each)))] for each in PARTS[kind]}
        if having := [each for each, names in own_of.items() if name in names]:
            which = " or ".join(having)
            return UnknownName(f"control {brief(name)} is of {which}, not of {chosen}: set {kind}={having[0]} with it")
        if not own:
            return UnknownName(f"control {brief(name)} is unknown: {kind} {chosen} has no numbers of its own")
    return unknown("control", name, own or [one for one in known if not one.startswith(OWN_WEIGHT)])


def chosen_part(now: Part, registry: Registry[Any], changes: Mapping[str, Any]) -> Part:
    """The target, update rule or objective that is chosen; another one than now has its own parameters."""
    wanted: Any = changes.get(now.kind, now)
    if isinstance(wanted, Parametrised) and wanted.kind == now.kind:
        return wanted  # type: ignore[return-value]  of that kind
    if wanted == now.name or wanted is now:
        return now
    return part_named(now.kind, checks.choice(now.kind, wanted, list(registry)))


def with_values(part: Part, values: Mapping[str, Any]) -> Part:
    """The target, update rule or objective with these values of its controls, KIND.NAME."""
    settings = {name.removeprefix(f"{part.kind}."): value for name, value in values.items() if name != part.kind}
    return part.replace(**settings) if settings else part


def _read(kind: type, value: Any) -> Any:
    """Text as a value of that kind; anything else as it is. A list is a tuple (JSON and TOML have no tuples)."""
    if isinstance(value, list):
        return tuple(value)
    if not isinstance(value, str) or kind in (str, tuple):
        return value
    text = value.strip().lower()
    if kind is bool:
        return {**dict.fromkeys(TRUE, True), **dict.fromkeys(FALSE, False)}.get(text, value)
    if kind is int and (number := whole(text)) is not None:
        return number
    number = real(text)
    if number is None or (kind is int and number.is_integer()):  # not what rounding makes of it
        return value  # whoever takes it says which range was wanted
    return number
