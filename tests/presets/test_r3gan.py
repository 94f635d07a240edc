"""What the preset ring-r3gan says of itself, on seeds that its note was not measured on."""

import gandyn


def covered(**controls) -> list[int]:
    """Modes covered by each of four GANs after 2,000 steps."""
    run = gandyn.Run(gandyn.preset("ring-r3gan").replace(seed=100, **controls), lanes=4)
    run.advance(2_000)
    samples = run.sample(1_000)
    return [int(gandyn.measure(run.experiment.target, samples[i])["covered"]) for i in range(4)]


def test_both_penalties_together_cover_the_ring_and_none_does_not():
    assert covered() == [8] * 4
    assert sum(covered(penalty="none")) <= 24
