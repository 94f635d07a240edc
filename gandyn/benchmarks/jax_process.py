"""JAX in an interpreter of its own, so that who uses gandyn needs none: a process that takes turns with gandyn."""

from __future__ import annotations

import pickle
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from gandyn.benchmarks.arithmetic import operations, products_of
from gandyn.core.dynamics import step
from gandyn.core.experiment import Experiment
from gandyn.core.net import Net
from gandyn.core.play import draw_batches, init
from gandyn.core.rng import Rng

WORKER = Path(__file__).with_name("jax_worker.py")
CALL = 1e9  # floating-point operations of a call, about: a few milliseconds, beside which the call itself is nothing
MOST = 100  # steps of a call
SAME = 1e-8  # relative difference, in float64, of what is one game
CHECKED = 3  # steps
ADVICE = "name a Python that has jax, or use make bench-jax"


def version(python: str) -> str:
    """Of jax in that interpreter. ValueError with one line where there is none."""
    try:
        asked = subprocess.run(
            [python, "-c", "import jax; print(jax.__version__)"], capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise ValueError(f"--jax {python}: {error.strerror}; {ADVICE}") from None
    if asked.returncode:
        why = (asked.stderr.strip().splitlines() or ["it failed"])[-1]
        raise ValueError(f"--jax {python}: {why}; {ADVICE}")
    return asked.stdout.strip()


def settings(experiment: Experiment) -> dict[str, Any]:
    """The game, the rule and the knobs by the worker's names. ValueError for what it does not compute."""
    game, rule, knobs = experiment.game, experiment.rule, experiment.knobs
    mixture, g, d = experiment.target.mixture(), game.generator.perceptron, game.critic.perceptron
    together = rule.order == "simultaneous" and rule.critic_steps == 1 and rule.penalty == "none" and not knobs.clip
    in_turn = rule.order == "alternating" and not rule.unroll and rule.objective == "wasserstein"
    plain = rule.freeze == "none" and not knobs.ema and rule.unroll_order == "second" and rule.generator_steps == 1
    if not plain or not (together or in_turn) or rule.penalty not in ("none", "gradient-penalty"):
        raise ValueError("no JAX for this rule")
    if mixture is not None and isinstance(mixture.sigma, Tensor):
        raise ValueError("no JAX for Gaussians of different sizes")
    if mixture is None or g is None or d is None or g.activation != d.activation or g.input_scale != 1 or d.curvature:
        raise ValueError("no JAX for this game")
    if (g.norm, d.norm, d.minibatch, game.critic.pack) != ("none", "none", "none", 1):
        raise ValueError("no JAX for this game")
    if game.optimizer_g.name != game.optimizer_d.name or game.optimizer_d.name not in ("adam", "rmsprop"):
        raise ValueError("no JAX for these optimisers")
    if game.optimizer_d.name == "rmsprop" and (knobs.beta1 or rule.unroll):
        raise ValueError("no JAX for RMSProp with momentum or in a look-ahead")
    return {
        "objective": rule.objective, "order": rule.order, "critic_steps": rule.critic_steps, "unroll": rule.unroll,
        "penalty_weight": knobs.penalty_weight if rule.penalty != "none" else 0.0, "clip": knobs.clip,
        "optimizer": game.optimizer_d.name, "lr_g": knobs.lr_g, "lr_d": knobs.lr_d, "beta1": knobs.beta1,
        "beta2": knobs.beta2, "eps": knobs.eps, "activation": d.activation, "input_scale": d.input_scale,
        "latent": game.latent.size, "batch": rule.batch_size, "centres": mixture.centres.float().numpy(),
        "sigma": mixture.sigma,
    }  # fmt: skip


def layers(net: Net, theta: Tensor) -> list[tuple[Any, Any]]:
    """(W [in, out], b [out]) of every layer as NumPy's arrays; of lanes theta [N, P] with their axis first."""
    if theta.ndim == 2:
        each = [layers(net, one) for one in theta]
        return [tuple(torch.stack([torch.from_numpy(lane[i][j]) for lane in each]).numpy() for j in (0, 1))  # type: ignore[misc]
                for i in range(len(each[0]))]  # fmt: skip
    parts = list(net.named(theta).values())
    return [(w.T.contiguous().numpy(), b.numpy()) for w, b in zip(parts[::2], parts[1::2], strict=True)]


class JaxProcess:
    """A worker for one game. ValueError with one line where it fails, or computes another game than gandyn."""

    def __init__(self, python: str, experiment: Experiment, lanes: int | None = None) -> None:
        self.experiment, self.lanes = experiment, lanes
        self.log = tempfile.TemporaryFile("w+")  # noqa: SIM115  closed with the process
        self.process = subprocess.Popen(
            [python, str(WORKER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log
        )
        self.version = self._send(settings(experiment))

    def __enter__(self) -> JaxProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()  # it ends with its input
        self.log.close()

    def _send(self, message: Any) -> Any:
        assert self.process.stdin is not None and self.process.stdout is not None
        try:
            pickle.dump(message, self.process.stdin)
            self.process.stdin.flush()
            return pickle.load(self.process.stdout)
        except (EOFError, BrokenPipeError):
            self.log.seek(0)
            why = (self.log.read().strip().splitlines() or ["it ended"])[-1]
            raise ValueError(f"the JAX process failed: {why}") from None

    def prepare(self, parameters: tuple[Tensor, Tensor]) -> None:
        """Compile the steps, from these parameters [P] or [N, P]."""
        game = self.experiment.game
        each = operations(products_of(self.experiment)) * (self.lanes or 1)
        chunk = max(1, min(MOST, round(CALL / each)))
        g, d = layers(game.generator, parameters[0]), layers(game.critic, parameters[1])
        self._send(("prepare", (g, d, self.lanes, chunk)))

    def seconds(self, n: int) -> float:
        """CPU seconds of n steps, drawing included, of all lanes."""
        steps, seconds = self._send(("advance", (n,)))
        return seconds * n / steps

    def check(self) -> None:
        """From the same parameters and batches, in float64, the same losses and parameters as gandyn's."""
        experiment, steps, losses = self.experiment, [], []
        game, state = experiment.game, init(experiment.game, 0, torch.float64)
        g, d = layers(game.generator, state.g), layers(game.critic, state.d)
        for i in range(CHECKED):
            batches = draw_batches(experiment, Rng(0, i), torch.float64)
            critics = batches[: experiment.rule.critic_steps]
            real, mix = (torch.stack([getattr(batch, name) for batch in critics]).numpy() for name in ("real", "mix"))
            steps.append((real, torch.stack([batch.z for batch in batches]).numpy(), mix))
            state, metrics = step(game, experiment.rule, state, batches, experiment.knobs)
            losses.append([float(metrics.critic_loss), float(metrics.generator_loss)])
        theirs, networks = self._send(("take", (g, d, steps)))
        pairs = [(torch.tensor(theirs), torch.tensor(losses))]
        for net, theta, network in zip((game.generator, game.critic), state[:2], networks, strict=True):
            mine = [torch.from_numpy(part).flatten() for layer in layers(net, theta) for part in layer]
            pairs.append(
                (torch.cat([torch.tensor(part).flatten() for layer in network for part in layer]), torch.cat(mine))
            )
        for a, b in pairs:
            error = float((a.double() - b.double()).norm() / b.double().norm())
            if not error < SAME:
                raise ValueError(f"JAX computes another game: after {CHECKED} steps it is off by {error:.1e}")
