"""The Jacobian of the game's field, the linear solver, and update rules within the optimisers and within runs."""

import numpy as np
import pytest
import torch

import gandyn
from gandyn.core.field import Field
from gandyn.core.game_field import GameField
from gandyn.core.krylov import gmres
from gandyn.core.lanes import lane
from gandyn.core.optimizers.adam import adam
from gandyn.core.play import draw_batches, init
from gandyn.core.rng import Rng
from gandyn.core.trees import leaves
from gandyn.core.types import Knobs
from gandyn.core.update_rules import UPDATE_RULES
from tests.core.quadratic_game import iterates, random_game
from tests.live.test_run import same

SMALL = {"generator.widths": "4", "critic.widths": "5", "batch_size": 8}
RULES = [name for name in UPDATE_RULES if name != "gradient"]


def small(**changes):
    return gandyn.preset("collapse").replace(**SMALL, **changes)


@pytest.fixture(
    params=[{}, {"unroll": 2}, {"objective": "wasserstein", "penalty": "gradient-penalty"}],
    ids=["plain", "k = 2", "gp"],
)
def at(request):
    """(the field, a point in float64, its dense Jacobian, both losses' gradients by everything)."""
    e = small(**request.param)
    w = init(e.game, 3, torch.float64)
    (batch,) = draw_batches(e, Rng(3), torch.float64)
    field = GameField(e.game, e.rule, batch, e.knobs)
    m = len(w.g)

    def losses(both):
        return torch.stack(field.losses(w, both[:m], both[m:]))

    here = torch.cat([w.g, w.d])
    by_all = torch.autograd.functional.jacobian(losses, here)

    def v(both):
        of_generator, of_critic = torch.autograd.functional.jacobian(losses, both, create_graph=True)
        return torch.cat([of_generator[:m], of_critic[m:]])

    return field, w, torch.autograd.functional.jacobian(v, here), by_all


def halves(x, w):
    return Field(x[: len(w.g)], x[len(w.g) :])


def test_products_are_those_with_the_dense_jacobian(at):
    field, w, dense, by_all = at
    j, m = field.differentiate(w), len(w.g)
    torch.testing.assert_close(torch.cat(field.at(w).v), torch.cat([by_all[0, :m], by_all[1, m:]]))
    torch.testing.assert_close(torch.cat(j.v), torch.cat([by_all[0, :m], by_all[1, m:]]))
    off = dense.clone()
    off[:m, :m] = off[m:, m:] = 0
    for x in torch.randn(3, len(dense), dtype=torch.float64, generator=torch.Generator().manual_seed(0)):
        torch.testing.assert_close(torch.cat(j.times(halves(x, w))), dense @ x)
        torch.testing.assert_close(torch.cat(j.transposed(halves(x, w))), dense.T @ x)
        torch.testing.assert_close(torch.cat(j.interaction(halves(x, w))), off @ x)
    torch.testing.assert_close(torch.cat(j.others()), torch.cat([by_all[1, :m], by_all[0, m:]]))
    shaping = torch.cat([dense[m:, :m].T @ by_all[0, m:], dense[:m, m:].T @ by_all[1, :m]])
    torch.testing.assert_close(torch.cat(j.shaping()), shaping)


@pytest.mark.parametrize("freeze", ["critic", "generator"])
@pytest.mark.parametrize("name", RULES)
def test_a_frozen_player_and_its_optimiser_rest(name, freeze):
    run = gandyn.Run(small(update_rule=name))
    run.advance(2)
    before = run.state
    run.set(freeze=freeze)
    run.advance(7)  # the slow copies of lookahead are met on the way
    player, opt = ("d", "opt_d") if freeze == "critic" else ("g", "opt_g")
    assert torch.equal(getattr(run.state, player), getattr(before, player))
    assert all(torch.equal(a, b) for a, b in zip(getattr(run.state, opt), getattr(before, opt), strict=True))
    other = "g" if freeze == "critic" else "d"
    assert not torch.equal(getattr(run.state, other), getattr(before, other))


def test_the_solver_needs_no_more_products_than_there_are_dimensions():
    rng = torch.Generator().manual_seed(1)
    a = torch.randn(3, 6, 6, dtype=torch.float64, generator=rng) + 3 * torch.eye(6)
    b = torch.randn(3, 6, dtype=torch.float64, generator=rng)
    b[1] = 0
    asked = []

    def apply(x):
        asked.append(x)
        return (a @ x[..., None])[..., 0]

    x = gmres(apply, b, 64)
    torch.testing.assert_close(x, torch.linalg.solve(a, b))
    assert len(asked) == 6 and not x[1].any()
    few = gmres(apply, b, 3)
    span = torch.stack([b, (a @ b[..., None])[..., 0], (a @ a @ b[..., None])[..., 0]], -1)[0]
    best = torch.linalg.lstsq(a[0] @ span, b[0][:, None]).solution
    torch.testing.assert_close(few[0], (span @ best)[:, 0])


def test_the_solver_stops_where_the_space_is_exhausted():
    a = torch.diag(torch.tensor([2.0, 2.0, 5.0, 0.0], dtype=torch.float64))
    b = torch.tensor([1.0, -3.0, 0.0, 0.0], dtype=torch.float64)
    torch.testing.assert_close(gmres(lambda x: a @ x, b, 4), b / 2)
    assert torch.isfinite(gmres(lambda x: 0 * x, b, 4)).all()


def test_with_adam_the_corrected_field_enters_the_moments_and_extragradient_is_extra_adam():
    game, start = random_game(0), np.random.default_rng(0).normal(size=5)
    knobs = Knobs(0.02, 0.02, 0.5, 0.9)
    j = torch.from_numpy(game.jacobian)

    def by_torch(step):
        w = torch.from_numpy(start.copy()).requires_grad_()
        optimiser = torch.optim.Adam([w], lr=0.02, betas=(0.5, 0.9), eps=1e-8)
        points = [start]
        for _ in range(20):
            step(w, optimiser)
            points.append(w.detach().numpy().copy())
        return np.array(points)

    def consensus(w, optimiser):
        w.grad = ((j + 0.5 * j.T @ j) @ w).detach()
        optimiser.step()

    def extragradient(w, optimiser):
        here = w.detach().clone()
        w.grad = (j @ w).detach()
        optimiser.step()
        w.grad = (j @ w).detach()
        w.data = here
        optimiser.step()

    for name, step in (("consensus", consensus), ("extragradient", extragradient)):
        points = iterates(UPDATE_RULES[name](), game, start, 20, knobs, adam())
        np.testing.assert_allclose(points, by_torch(step), rtol=1e-9, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("name", RULES)
def test_lanes_are_the_runs_of_their_seeds(name):
    e = small(update_rule=name, seed=5)
    together = gandyn.Run(e, lanes=3, dtype=torch.float64)
    together.advance(4)
    for i in range(3):
        alone = gandyn.Run(e.replace(seed=5 + i), dtype=torch.float64)
        alone.advance(4)
        for (part, a), (_, b) in zip(leaves(lane(together.state, i)), leaves(alone.state), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-8, atol=1e-11, msg=f"{part}: {a} {b}")


@pytest.mark.parametrize("name", RULES)
def test_it_is_chosen_live_saved_loaded_and_replayed_bit_for_bit(name, tmp_path):
    run = gandyn.Run(small())
    run.advance(2)
    run.set(update_rule=name)
    run.advance(3)
    run.save(tmp_path)
    again = gandyn.Run.load(tmp_path)
    assert same(again.state, run.state) and again.experiment.rule.update_rule == UPDATE_RULES[name]()
    for one in (run, again):
        one.advance(2)
        one.set(update_rule="lookahead-minimax")  # a memory of its own begins
        one.advance(2)
    assert same(again.state, run.state)
    assert same(gandyn.replay(run.trace()).state, run.state)
    assert torch.isfinite(run.state.g).all() and torch.isfinite(run.state.d).all()
    run.set(update_rule="gradient")
    run.advance(1)
    assert run.state.rule == ()


def test_no_two_rules_remember_by_the_same_names():
    """What another rule has left is then known from what one's own."""
    w = init(small().game, 0)
    assert all(type(rule().memory(w)) is rule.remembers for rule in UPDATE_RULES.values())
    known = [field for rule in UPDATE_RULES.values() for field in rule.remembers._fields]
    assert len(set(known)) == len(known)


def test_parameters_are_controls_of_their_rule():
    e = small(update_rule="consensus", **{"update_rule.gamma": "2"})
    assert e.rule.update_rule.gamma == 2.0 and e.values()["update_rule.gamma"] == 2.0
    assert e.replace(update_rule="consensus") == e and e.replace(update_rule="lola").rule.update_rule.alpha == 0.1
    assert e.controls()["order"].idle(e) == "consensus moves both players at once"
    with pytest.raises(ValueError, match="update_rule.gamma"):
        e.replace(**{"update_rule.gamma": -1})
    with pytest.raises(ValueError, match="is of consensus, not of lola"):
        e.replace(update_rule="lola", **{"update_rule.gamma": 1})
    with pytest.raises(ValueError, match="did you mean 'consensus'"):
        e.replace(update_rule="concensus")
    with pytest.raises(ValueError, match="has no compiled form"):
        gandyn.Run(e.replace(engine="native"))
