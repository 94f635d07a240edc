"""Who sees whom: orders, step counts, freezing and the moving average, against hand-written loops."""

import pytest
import torch

import gandyn
from gandyn.core import native
from gandyn.core.lanes import sampling_params
from gandyn.core.types import ORDERS
from tests.golden import oracle
from tests.golden.test_look_ahead import batch, game, warm

KNOBS = gandyn.Knobs(lr_g=0.02, lr_d=0.03, beta1=0.6, beta2=0.95, eps=1e-6, penalty_weight=0.7)


def same_player(state_theta, state_opt, other_theta, other_opt) -> bool:
    return (
        torch.equal(state_theta, other_theta)
        and torch.equal(state_opt.m, other_opt.m)
        and torch.equal(state_opt.v, other_opt.v)
        and state_opt.t == other_opt.t
    )


@pytest.mark.parametrize("unroll", [0, 2])
@pytest.mark.parametrize("counts", [(1, 1), (3, 1), (1, 3), (2, 3)])
@pytest.mark.parametrize("order", ORDERS)
def test_orders_and_counts(order, counts, unroll):
    """critic_steps batches first, then generator_steps, whatever the order."""
    the_game, state = game("adam"), warm("adam")
    rule = gandyn.Rule("minimax", "r1", unroll, critic_steps=counts[0], generator_steps=counts[1], order=order)
    batches = [batch(i) for i in range(sum(counts))]
    new, reported = gandyn.step_reference(the_game, rule, state, batches, KNOBS)
    g, d, metrics = oracle.step(the_game, rule, KNOBS, state, batches)
    assert oracle.error(the_game.generator, new.g, g.weights) <= 1e-12
    assert oracle.error(the_game.critic, new.d, d.weights) <= 1e-12
    assert (new.opt_d.t, new.opt_g.t, new.step) == (20 + counts[0], 20 + counts[1], 21)
    for name, value in reported._asdict().items():
        assert float(value) == pytest.approx(float(metrics[name]), rel=1e-10, abs=1e-12), name


@pytest.mark.parametrize("order", ORDERS)
def test_one_batch_is_shared_by_all_updates(order):
    the_game, state = game("adam"), warm("adam")
    rule = gandyn.Rule(critic_steps=2, generator_steps=3, order=order)
    one, _ = gandyn.step_reference(the_game, rule, state, [batch(1)], KNOBS)
    many, _ = gandyn.step_reference(the_game, rule, state, [batch(1)] * 5, KNOBS)
    assert torch.equal(one.g, many.g) and torch.equal(one.d, many.d)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("unroll", [0, 2])
def test_a_frozen_critic_rests_and_is_still_looked_ahead(order, unroll):
    """It moves not, its optimiser neither; the generator faces it as it stands, through its look-ahead."""
    the_game, state = game("adam"), warm("adam")
    rule = gandyn.Rule(unroll=unroll, order=order, freeze="critic", critic_steps=2, penalty="gradient-penalty")
    batches = [batch(i) for i in range(3)]
    new, reported = gandyn.step_reference(the_game, rule, state, batches, KNOBS)
    assert same_player(new.d, new.opt_d, state.d, state.opt_d) and new.step == 21

    alone = rule._replace(order="generator-first", critic_steps=1)  # the generator moves before the critic does
    g, _, metrics = oracle.step(the_game, alone, KNOBS, state, [batches[0], batches[2]])
    assert oracle.error(the_game.generator, new.g, g.weights) <= 1e-12
    assert float(reported.generator_loss) == pytest.approx(float(metrics["generator_loss"]), rel=1e-10)
    assert float(reported.gap) == pytest.approx(float(metrics["gap"]), rel=1e-9, abs=1e-15)

    d = oracle.Player.of(the_game.critic, state.d, state.opt_d)  # what it would have minimised on its last batch
    opponent = new.g if order == "generator-first" else state.g
    fake = the_game.generator.apply(opponent, batches[1].z)
    _, loss = oracle.move_critic("adam", rule, KNOBS, d, fake, batches[1])
    assert float(reported.critic_loss) == pytest.approx(float(loss), rel=1e-10)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("unroll", [0, 2])
def test_a_frozen_generator_rests(order, unroll):
    the_game, state = game("adam"), warm("adam")
    state = state._replace(ema_g=state.g + 1)  # an average that lags behind rests, too
    rule = gandyn.Rule(unroll=unroll, order=order, freeze="generator", generator_steps=2)
    batches = [batch(i) for i in range(3)]
    new, reported = gandyn.step_reference(the_game, rule, state, batches, KNOBS._replace(ema=0.5))
    assert same_player(new.g, new.opt_g, state.g, state.opt_g) and new.step == 21
    assert torch.equal(new.ema_g, state.ema_g)
    assert torch.equal(gandyn.step_reference(the_game, rule, state, batches, KNOBS)[0].ema_g, state.ema_g)

    fake = the_game.generator.apply(state.g, batches[0].z)
    old = oracle.Player.of(the_game.critic, state.d, state.opt_d)
    d, _ = oracle.move_critic("adam", rule, KNOBS, old, fake, batches[0])
    assert oracle.error(the_game.critic, new.d, d.weights) <= 1e-12

    g = oracle.Player.of(the_game.generator, state.g, state.opt_g)  # what it would have minimised
    opponent = d if order == "alternating" else old
    _, loss, f, f_k = oracle.generator_gradient("adam", rule, KNOBS, g, opponent, batches[2])
    assert float(reported.generator_loss) == pytest.approx(float(loss), rel=1e-10)
    assert float(reported.f) == pytest.approx(float(f), rel=1e-10)
    assert float(reported.gap) == pytest.approx(float(f - f_k), rel=1e-9, abs=1e-15)


def test_the_moving_average_is_the_sum_of_its_formula():
    """e_T = a^T e_0 + (1 - a) sum_t a^(T - t) g_t; off, it is the generator itself, so it starts where that stands."""
    the_game, state, rule, decay = game("adam"), warm("adam"), gandyn.Rule(), 0.8
    assert torch.equal(state.ema_g, state.g)
    first, visited = state.g, []
    for i in range(12):
        state, _ = gandyn.step_reference(the_game, rule, state, [batch(i)], KNOBS._replace(ema=decay))
        visited.append(state.g)
    expected = decay**12 * first + (1 - decay) * sum(decay ** (11 - i) * g for i, g in enumerate(visited))
    torch.testing.assert_close(state.ema_g, expected, rtol=1e-12, atol=1e-14)
    assert not torch.equal(state.ema_g, state.g)
    off, _ = gandyn.step_reference(the_game, rule, state, [batch(0)], KNOBS)
    assert torch.equal(off.ema_g, off.g)


def mean_after(step, states: list[gandyn.State], averaging: str, first: int, count: int) -> list[gandyn.State]:
    """The states with those of `count` more steps."""
    rule, knobs = gandyn.Rule(averaging=averaging), KNOBS._replace(ema=0.8)
    for i in range(first, first + count):
        states.append(step(game("adam"), rule, states[-1], [batch(i)], knobs)[0])
    return states


@pytest.mark.parametrize("step", [gandyn.step_reference, native.step], ids=["autograd", "native"])
def test_the_uniform_average_is_the_mean_of_the_iterates_since_it_was_chosen(step):
    """(1 / n) sum_t g_t, whatever ema is and was; the point that it begins from is none of them."""
    states = mean_after(step, [warm("adam")], "ema", 0, 3)
    begun = len(states)
    states = mean_after(step, states, "uniform", 3, 9)
    for n in range(1, 10):
        reached = states[begun + n - 1]
        expected = sum(state.g for state in states[begun : begun + n]) / n
        torch.testing.assert_close(reached.ema_g, expected, rtol=1e-13, atol=1e-15)
        assert int(reached.averaged) == n and torch.equal(sampling_params(reached, KNOBS), reached.ema_g)
    assert torch.equal(states[begun].ema_g, states[begun].g)

    after = mean_after(step, states[:], "ema", 12, 1)[-1]  # the moving average goes on from the mean
    torch.testing.assert_close(after.ema_g, 0.8 * states[-1].ema_g + 0.2 * after.g, rtol=1e-13, atol=1e-15)
    again = mean_after(step, [after], "uniform", 13, 2)  # and another mean begins anew
    torch.testing.assert_close(again[-1].ema_g, (again[-1].g + again[-2].g) / 2, rtol=1e-13, atol=1e-15)
    assert int(after.averaged) == 0 and int(again[-1].averaged) == 2


@pytest.mark.parametrize("step", [gandyn.step_reference, native.step], ids=["autograd", "native"])
def test_the_mean_of_a_frozen_generator_counts_no_more_of_it(step):
    state = mean_after(step, [warm("adam")], "uniform", 0, 4)[-1]
    rule = gandyn.Rule(averaging="uniform", freeze="generator")
    rested, _ = step(game("adam"), rule, state, [batch(4)], KNOBS)
    assert torch.equal(rested.ema_g, state.ema_g) and int(rested.averaged) == 4


@pytest.mark.parametrize("count", [0, 2, 4])
def test_a_wrong_number_of_batches_is_refused(count):
    rule = gandyn.Rule(critic_steps=2, generator_steps=1)
    with pytest.raises(ValueError, match=rf"^this rule takes 1 batch \(shared\) or 3 \(one an update\), not {count}$"):
        gandyn.step_reference(game("adam"), rule, warm("adam"), [batch(0)] * count, KNOBS)
