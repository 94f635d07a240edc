"""What probes show of a critic that judges several samples together: its value at one of them, by the definition."""

import numpy as np
import pytest
import torch

import gandyn
from gandyn.core.single import single_critic
from gandyn.probes import PROBES
from gandyn.probes.critic_map import critic_map
from gandyn.probes.inputs import critic_of, generate, judge
from gandyn.probes.signals import signals_of
from tests.contracts.small import experiment
from tests.contracts.test_coupled_combined import COUPLED

F64 = torch.float64


def points(*shape: int, seed: int = 1) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=F64)


def trained(**controls) -> tuple[gandyn.Experiment, gandyn.State]:
    """A small run after three steps, in float64."""
    at = experiment(**controls)
    run = gandyn.Run(at, dtype=F64)
    run.advance(3)
    return at, run.state


@pytest.mark.parametrize("m", [2, 3, 8])
def test_of_packs_it_is_the_mean_over_packs_with_reference_samples(m):
    """One pack after the other, by the critic's own torch module."""
    at, state = trained(batch_size=24, **{"critic.pack": m})
    real, fake, x = points(10, 2), points(10, 2, seed=2), points(5, 2, seed=3)
    values = single_critic(at.game, at.rule, state.d, real, fake)(x)
    module = at.game.critic.module(state.d)
    for one, value in zip(x, values, strict=True):
        every = []
        for others in (real, fake):
            row = 0
            for i in range({2: 4, 3: 6, 8: 8}[m]):
                pack = []
                for place in range(m):
                    if place == i % m:
                        pack.append(one)
                    else:
                        pack.append(others[row % 10])
                        row += 1
                every.append(float(module(torch.cat(pack)[None]).detach()))
        assert float(value) == pytest.approx(np.mean(every), rel=1e-10)


def test_beside_a_minibatch_it_is_the_mean_of_both_references():
    """Of minibatch discrimination, whose value at x is that of x in the place of the first one there."""
    at, state = trained(**COUPLED["discrimination"])
    real, fake, x = points(8, 2), points(8, 2, seed=2), points(5, 2, seed=3)
    values, module = single_critic(at.game, at.rule, state.d, real, fake)(x), at.game.critic.module(state.d)
    for one, value in zip(x, values, strict=True):
        both = [float(module(torch.cat([one[None], others[1:]]))[0].detach()) for others in (real, fake)]
        assert float(value) == pytest.approx(sum(both) / 2, rel=1e-10)


@pytest.mark.parametrize("coupling", COUPLED)
def test_a_value_is_a_function_of_its_own_point_and_of_the_moment(coupling):
    """However many are asked for at once; its slope is that of central differences; the map is made of it."""
    at, state = trained(**COUPLED[coupling])
    x = points(7, 2)
    values = judge(at, state, x)
    for i in range(7):
        torch.testing.assert_close(judge(at, state, x[i : i + 1])[0], values[i], rtol=1e-12, atol=1e-12)
    critic, at_x = critic_of(at, state), x.clone().requires_grad_()
    (slope,) = torch.autograd.grad(critic(at_x).sum(), at_x)
    for j in range(2):
        way = torch.zeros(2, dtype=F64)
        way[j] = 1e-6
        ends = critic(x + way) - critic(x - way)
        torch.testing.assert_close(slope[:, j], ends / 2e-6, rtol=1e-6, atol=1e-8)
    arrays = critic_map(at, state, gandyn.Rng(0), m=6)
    x, y = np.meshgrid(arrays["line"], arrays["line"])
    wanted = judge(at, state, torch.tensor(np.stack([x.ravel(), y.ravel()], 1))).view(6, 6)
    np.testing.assert_allclose(arrays["values"], wanted, rtol=1e-12)


@pytest.mark.parametrize("coupling", [*COUPLED, "pack of 3"])
@pytest.mark.parametrize("name", [name for name in PROBES if name != "portrait"])
def test_every_probe_reads_it_and_finds_the_same_again(name, coupling):
    controls = COUPLED.get(coupling, {"critic.pack": 3, "batch_size": 9})
    at, state = trained(**controls, objective="wasserstein")
    one, other = (PROBES[name](at, state, gandyn.Rng(0)) for _ in range(2))
    for key, values in one.items():
        np.testing.assert_array_equal(values, other[key])
        if values.dtype.kind == "f" and key in ("values", "slope", "real", "generated", "x0", "estimate", "lipschitz"):
            assert np.isfinite(values).all()


def test_a_generator_with_batch_normalisation_makes_a_sample_of_its_own_latent():
    """The first of many samples are the few; and lanes are sampled as each GAN is."""
    at, state = trained(**{"generator.norm": "batch"})
    many, few = (generate(at, state, n, gandyn.Rng(0)) for n in (3000, 10))
    torch.testing.assert_close(many[:10], few, rtol=1e-12, atol=1e-12)
    run = gandyn.Run(at, lanes=2)
    run.advance(2)
    alone = gandyn.Run(at.replace(seed=1))
    alone.advance(2)
    torch.testing.assert_close(run.sample(50)[1], alone.sample(50), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("coupling", COUPLED)
def test_the_signals_of_lanes_are_those_of_each(coupling):
    at = experiment(**COUPLED[coupling])
    run = gandyn.Run(at, lanes=3, dtype=F64)
    run.advance(3)
    rngs = [gandyn.Rng(i, 3) for i in range(3)]
    together = signals_of(at, run.state, rngs)
    for i in range(3):
        one = run.state._replace(g=run.state.g[i], d=run.state.d[i])
        torch.testing.assert_close(together[:, i], signals_of(at, one, [rngs[i]]), rtol=1e-9, atol=1e-9, equal_nan=True)
