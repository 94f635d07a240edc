"""What regularisers remember from step to step: LeCam's averages, beside sums written out."""

import pytest
import torch

import gandyn
from gandyn.core.regularising import recalling
from tests.contracts.small import experiment, same


def test_lecams_averages_are_the_decaying_means_of_what_the_critic_said():
    """a = sum_i .99^(t - i) m_i / sum_i .99^(t - i), m_i the mean value in step i, before it."""
    at, means = experiment(penalty="lecam", objective="hinge", engine="autograd"), []
    state = gandyn.init(at.game, 0, dtype=torch.float64)
    for step in range(5):
        batches = gandyn.draw_batches(at, gandyn.Rng(0, step), dtype=torch.float64)
        fake = at.game.generator.apply(state.g, batches[0].z)
        means.append([float(at.game.critic.apply(state.d, x).mean()) for x in (batches[0].real, fake)])
        state, _ = gandyn.step(at.game, at.rule, state, batches, at.knobs)
    memory = state.aux.lecam
    weights = [0.99 ** (4 - i) for i in range(5)]
    for remembered, k in ((memory.real, 0), (memory.fake, 1)):
        average = sum(w * m[k] for w, m in zip(weights, means, strict=True)) / sum(weights)
        assert float(remembered) / (1 - 0.99**5) == pytest.approx(average, rel=1e-12)
    assert int(memory.t) == 5
    assert recalling(at.rule, state, batches)[0].memory.lecam is memory


@pytest.mark.parametrize("penalty", ["r1+lecam", "past-samples"])
def test_what_is_remembered_goes_through_a_file_and_on(tmp_path, penalty):
    run = gandyn.Run(experiment(penalty=penalty))
    run.advance(3)
    run.save(tmp_path / "run")
    other = gandyn.Run.load(tmp_path / "run")
    assert same(other.state, run.state)
    run.advance(2)
    other.advance(2)
    assert same(other.state, run.state)


def test_a_memory_stays_while_others_join_and_goes_with_its_penalty():
    run = gandyn.Run(experiment(penalty="lecam"))
    run.advance(2)
    run.set(penalty="lecam+r1+tikhonov")
    run.advance(1)
    assert int(run.state.aux.lecam.t) == 3
    run.set(penalty="r1")
    run.advance(1)
    assert run.state.aux._fields == ()
    run.set(penalty="lecam")
    run.advance(1)
    assert int(run.state.aux.lecam.t) == 1


def test_lanes_remember_each_their_own():
    at = experiment(penalty="lecam", engine="autograd")
    lanes = gandyn.Run(at, lanes=3)
    lanes.advance(4)
    for i in range(3):
        alone = gandyn.Run(at.replace(seed=i))
        alone.advance(4)
        torch.testing.assert_close(lanes.state.aux.lecam.real[i], alone.state.aux.lecam.real, rtol=1e-4, atol=1e-6)
        torch.testing.assert_close(lanes.state.d[i], alone.state.d, rtol=1e-4, atol=1e-6)
