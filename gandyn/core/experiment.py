"""An experiment: a frozen value with everything that a run needs, and the one way to change it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gandyn.core import checks
from gandyn.core.controls import Control, controls
from gandyn.core.nets import mlp
from gandyn.core.optim import optimizer
from gandyn.core.registry import unknown
from gandyn.core.rng import MAX_SEED
from gandyn.core.target import TARGETS, Target
from gandyn.core.types import LATENT_LAWS, Game, Knobs, Latent, Net, Rule

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

    def __post_init__(self) -> None:
        checks.integer("steps", self.steps, 1, MAX_TOTAL_STEPS)
        checks.integer("seed", self.seed, 0, MAX_SEED)
        checks.number("steps_per_second", self.steps_per_second, 0, 1e6)
        checks.choice("device", self.device, ("auto", "cpu", "cuda"))
        generator, critic, _, _, latent = self.game
        checks.integer("latent_size", latent[0], 0, 4096)
        checks.choice("latent", latent[1], LATENT_LAWS)
        if generator.inputs is not None and generator.inputs != (latent[0],):
            raise ValueError(f"the generator takes {generator.inputs[0]} numbers but latent_size is {latent[0]}")
        if generator.outputs is not None and generator.outputs != self.target.shape:
            made, wanted = "x".join(map(str, generator.outputs)), "x".join(map(str, self.target.shape))
            raise ValueError(f"the generator makes samples of shape {made} but target {self.target.name!r} has {wanted}")
        if critic.inputs is not None and critic.inputs != self.target.shape:
            taken, wanted = "x".join(map(str, critic.inputs)), "x".join(map(str, self.target.shape))
            raise ValueError(f"the critic takes samples of shape {taken} but target {self.target.name!r} has {wanted}")
        if critic.outputs is not None and critic.outputs != (1,):
            raise ValueError(f"the critic must end in 1 number, not {critic.outputs[0]}")

    def controls(self) -> dict[str, Control]:
        """All controls of this experiment by name, the parameters of its target among them."""
        return controls(self.target)

    def values(self) -> dict[str, Any]:
        """The value of every control by name: the whole configuration, flat and JSON-able."""
        found: dict[str, Any] = {**self.rule._asdict(), **self.knobs._asdict()}
        found["target"] = self.target.name
        found |= {f"target.{name}": value for name, value in self.target.parameters().items()}
        for part, net in (("generator", self.game.generator), ("critic", self.game.critic)):
            found |= {f"{part}.{name}": value for name, value in net.spec.items()}
        found["optimizer_g"], found["optimizer_d"] = self.game.optimizer_g.name, self.game.optimizer_d.name
        found["latent_size"], found["latent"] = self.game.latent
        found["seed"], found["device"] = self.seed, self.device
        return {name: found[name] for name in self.controls() if name in found}

    def replace(self, **changes: Any) -> Experiment:
        """The same experiment under other controls, by their names: replace(unroll=5, **{"target.radius": 1.5}).

        Text is taken as well as values ("1e-3", "64,64"), as it comes from a link or a command line. `steps`,
        `steps_per_second`, `note`, `cite`, `name`, `summary` may be given too. Raises ValueError with one line.
        """
        target, extra = self._new_target(changes), {}
        known = controls(target)
        parts: dict[str, dict[str, Any]] = {"knob": {}, "rule": {}, "target": {}, "game": {}, "run": {}}
        fields = ("steps", "steps_per_second", "note", "cite", "name", "summary")
        for name, value in changes.items():
            if name in fields:
                extra[name] = _read(name, type(getattr(self, name)), value)
            elif name not in known:
                raise unknown("control", name, [*known, *fields])
            else:
                parts[known[name].kind][name] = _read(name, known[name].type, value)
        own = {name.removeprefix("target."): value for name, value in parts["target"].items() if name != "target"}
        target = target.replace(**own) if own else target
        game = _new_game(self.game, target, parts["game"]) if parts["game"] or target.shape != self.target.shape else self.game
        rule, knobs = self.rule._replace(**parts["rule"]), self.knobs._replace(**parts["knob"])
        return dataclasses.replace(self, target=target, game=game, rule=rule, knobs=knobs, **parts["run"], **extra)

    def _new_target(self, changes: Mapping[str, Any]) -> Target:
        wanted = changes.get("target", self.target)
        if isinstance(wanted, Target):
            return wanted
        return self.target if wanted == self.target.name else TARGETS[wanted]()

    def resets(self, **changes: Any) -> list[str]:
        """The names among `changes` that would change the game, so need a reset."""
        new, known = self.replace(**changes), {**self.controls()}
        old_values, new_values = self.values(), new.values()
        names = [n for n, c in known.items() if not c.live and old_values.get(n) != new_values.get(n)]
        return names if names or new.game == self.game else ["target"]


def _read(name: str, kind: type, value: Any) -> Any:
    """Text as a value of that kind; anything else as it is. A list is a tuple (JSON and TOML have no tuples)."""
    if isinstance(value, list):
        return tuple(value)
    if not isinstance(value, str) or kind in (str, tuple):
        return value
    text = value.strip().lower()
    try:
        if kind is bool:
            return {**dict.fromkeys(TRUE, True), **dict.fromkeys(FALSE, False)}[text]
        return int(text) if kind is int and "e" not in text and "." not in text else float(text)
    except (KeyError, ValueError):
        wanted = "true or false" if kind is bool else "a number"
        raise ValueError(f"{name} must be {wanted}, not {value!r}") from None


def _widths(name: str, value: Any) -> list[int]:
    """Hidden widths from a tuple, a number or text with commas between."""
    parts = [p for p in value.replace(" ", "").split(",") if p] if isinstance(value, str) else value
    try:
        parts = [parts] if isinstance(parts, (int, float)) else list(parts)
        return [checks.integer(name, int(p) if isinstance(p, str) else p, 1, 4096) for p in parts]
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be whole numbers in [1, 4096] with commas between, not {value!r}") from None


def _new_net(part: str, net: Net, n_in: int, n_out: int, changes: Mapping[str, Any]) -> Net:
    """The network under other controls; a new one only if something of it changed."""
    own = {name.removeprefix(f"{part}."): value for name, value in changes.items() if name.startswith(f"{part}.")}
    if not own and net.inputs == (n_in,) and net.outputs == (n_out,):
        return net
    if "widths" not in net.spec:
        raise ValueError(f"the {part} is not a multilayer perceptron, so {', '.join(own) or 'its shape'} cannot be changed")
    spec = {**net.spec, **own}
    for name in ("gain", "std", "input_scale"):  # a lane of values makes no sense here, so a plain number
        checks.number(f"{part}.{name}", spec[name], -1e6, 1e6)
    sizes = [n_in, *_widths(f"{part}.widths", spec.pop("widths")), n_out]
    return mlp(sizes, spec.pop("activation"), spec.pop("init"), **spec)


def _new_game(game: Game, target: Target, changes: Mapping[str, Any]) -> Game:
    if len(target.shape) != 1:
        raise ValueError(f"target {target.name!r} has samples of shape {target.shape}: choose one of its presets")
    latent = Latent(
        checks.integer("latent_size", changes.get("latent_size", game.latent[0]), 0, 4096),
        checks.choice("latent", changes.get("latent", game.latent[1]), LATENT_LAWS),
    )
    n = target.shape[0]
    return Game(
        _new_net("generator", game.generator, latent.size, n, changes),
        _new_net("critic", game.critic, n, 1, changes),
        optimizer(changes["optimizer_g"]) if "optimizer_g" in changes else game.optimizer_g,
        optimizer(changes["optimizer_d"]) if "optimizer_d" in changes else game.optimizer_d,
        latent,
    )
