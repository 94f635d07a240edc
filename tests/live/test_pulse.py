"""Steppers give way to a loop that is busy, and only for a while."""

import threading
import time

from gandyn.live.pulse import AWHILE, LATE, NAP, Pulse


def late() -> Pulse:
    pulse = Pulse()
    pulse.beat()
    time.sleep(LATE + NAP)
    return pulse


def test_nobody_waits_for_a_loop_that_beats_or_for_none():
    pulse = Pulse()
    assert pulse.give_way() < AWHILE / 2, "none has begun"
    pulse.beat()
    assert pulse.give_way() < AWHILE / 2
    time.sleep(2 * LATE)
    pulse.stop()
    assert pulse.give_way() < AWHILE / 2


def test_a_stepper_waits_until_the_loop_beats_again():
    pulse = late()
    timer = threading.Timer(AWHILE / 4, pulse.beat)
    timer.start()
    assert pulse.give_way() >= AWHILE / 4 - NAP
    timer.join()
    pulse.beat()
    assert pulse.give_way() < AWHILE / 2


def test_training_goes_on_beside_a_loop_that_stands_still():
    assert late().give_way() >= AWHILE, "and returns"
