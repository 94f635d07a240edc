"""What steps took, in gradients: of a line with its changes and its parents, counted by hand and step by step."""

import numpy as np

import gandyn
from gandyn.timeline.branch import branched
from gandyn.timeline.spent import Piece, pieces, spent
from gandyn.timeline.timeline import Timeline
from gandyn.timeline.trace import timeline_of, to_trace
from tests.live.test_run import small


def with_changes() -> Timeline:
    """Of 1 gradient a step for 30, then 2 (two updates looked ahead), then 4 (two evaluations of that)."""
    timeline = Timeline(small(unroll=0))
    timeline.advance(30)
    timeline.change(unroll=2)
    timeline.advance(20)
    timeline.change(lr_g=3e-3)  # which costs nothing
    timeline.advance(5)
    timeline.change(update_rule="extragradient")
    timeline.advance(10)
    return timeline


BY_HAND = [Piece(0, 0.0, 1.0), Piece(30, 30.0, 2.0), Piece(55, 80.0, 4.0)]


def test_a_piece_for_every_change_of_a_step_s_cost_with_what_was_spent_before_it():
    assert pieces(with_changes().line) == BY_HAND


def test_critic_steps_and_look_ahead_count_by_player():
    timeline = Timeline(small(unroll=0, critic_steps=5))
    timeline.advance(4)
    timeline.change(critic_steps=1, unroll=3)
    timeline.advance(2)
    assert pieces(timeline.line) == [Piece(0, 0.0, 3.0), Piece(4, 12.0, 2.5)], "(5 + 1) / 2 and (1 + 1 + 3) / 2"


def test_the_sum_over_the_steps_as_they_were_made():
    line = with_changes().line
    each = [line.before(step).rule.gradients for step in range(1, line.stop + 1)]
    assert np.array_equal(spent(pieces(line), np.arange(line.stop + 1)), np.concatenate([[0.0], np.cumsum(each)]))


def test_beyond_its_end_a_line_goes_on_as_it_is_wanted():
    timeline = with_changes()
    timeline.change(update_rule="gradient", unroll=0)
    assert pieces(timeline.line) == [*BY_HAND, Piece(65, 120.0, 1.0)]
    assert spent(pieces(timeline.line), np.array([65, 75])).tolist() == [120.0, 130.0]


def test_a_branch_has_its_parent_s_cost_up_to_the_fork_and_its_own_after_it():
    timeline = with_changes()
    timeline.seek(40)
    assert pieces(timeline.line) == BY_HAND, "looking back changes nothing"
    timeline.change(unroll=0)
    timeline.advance(10)
    assert pieces(timeline.line) == [Piece(0, 0.0, 1.0), Piece(30, 30.0, 2.0), Piece(40, 50.0, 1.0)]
    assert pieces(timeline.lines[0]) == BY_HAND


def test_up_to_a_step_it_is_what_was_known_there():
    line = with_changes().line
    assert pieces(line, 29) == [Piece(0, 0.0, 1.0)]
    assert pieces(line, 30) == pieces(line, 54) == [Piece(0, 0.0, 1.0), Piece(30, 30.0, 2.0)]
    assert pieces(line, 55) == BY_HAND


def test_a_copy_and_a_trace_cost_what_they_did():
    timeline = with_changes()
    assert pieces(branched(timeline).line) == BY_HAND
    assert pieces(timeline_of(to_trace(timeline)).line) == BY_HAND


def test_one_that_begins_at_a_later_step_counts_those_before_as_its_own():
    state = gandyn.Run(small(unroll=0))
    state.advance(7)
    timeline = Timeline(small(unroll=2), state=state.state)
    timeline.advance(3)
    assert pieces(timeline.line) == [Piece(0, 0.0, 2.0)]
