"""How far apart frames are made."""

import pytest

from gandyn.live.frame_rate import BUSIEST, BUSY, FEW, IDLE, MOST, SMOOTH, SOON, FrameRate


def rate_of(seconds: float, **state) -> FrameRate:
    rate = FrameRate()
    for _ in range(100):
        rate.took(seconds)
    for name, value in state.items():
        setattr(rate, name, value)
    return rate


def test_a_screen_is_shown_no_more_than_it_can():
    assert rate_of(1e-4).apart(1) == 1 / MOST


@pytest.mark.parametrize(("idle", "share"), [(True, IDLE), (False, BUSY)])
def test_frames_take_no_more_than_their_share_however_many_runs_a_stepper_has(idle, share):
    for neighbours in (1, 3, 30):
        rate = rate_of(0.02, idle=idle, neighbours=neighbours)
        assert 0.02 / rate.apart(1) * neighbours == pytest.approx(share)


def test_runs_side_by_side_may_take_more_from_their_training():
    apart = [rate_of(0.02, idle=False).apart(1, runs) for runs in (1, 2, 4)]
    assert apart == pytest.approx([0.02 / share for share in (BUSY, BUSIEST, BUSIEST)])


def test_many_viewers_are_sent_fewer():
    assert rate_of(1e-4).apart(FEW) == 1 / MOST and rate_of(1e-4).apart(FEW + 1) == 1 / SMOOTH
    assert rate_of(1e-4).apart(200) == pytest.approx(0.06)


def test_who_steers_a_busy_server_sees_the_next_frame_soon_and_one_of_an_idle_one_no_later():
    rate = rate_of(0.02, neighbours=30)
    due = rate.apart(1)
    rate.soon = True
    assert rate.apart(1) == 1 / SOON < due
    rate.took(0.02)
    assert rate.apart(1) == pytest.approx(due), "that one alone"
    assert rate_of(1e-4, soon=True).apart(1) == 1 / MOST
