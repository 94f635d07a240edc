"""What is kept beyond the step at which a run stands: curves of its own, until something else is done."""

import numpy as np

import gandyn
from gandyn.live.curves import AHEAD, Curves
from gandyn.live.past import Past
from tests.live.test_run import small


def drawn(run: gandyn.Run, curves: Curves | None = None) -> dict[tuple[str, str], np.ndarray]:
    curves = curves or Curves()
    curves.update(run, run.experiment, run.state, settled=True)
    return {(one.source, one.name): one.values for one in curves.columns}


def test_looking_back_leaves_the_rest_of_the_curves_and_their_axes_where_they_were():
    run = gandyn.Run(small(), measured=True)
    run.advance(40)
    curves = Curves()
    whole, axes = drawn(run, curves), curves.header["axes"]
    assert not any(source.endswith(AHEAD) for source, _ in whole)
    run.seek(15)
    parts = drawn(run, curves)
    for (source, name), values in whole.items():
        step = whole[source, "step"]
        assert np.array_equal(parts[source, name], values[step <= 15], equal_nan=True)
        ahead = parts[source + AHEAD, "step"]
        assert ahead[0] <= 15 < ahead[1] and ahead[-1] == step[-1]
        assert np.array_equal(parts[source + AHEAD, name], values[-len(ahead) :], equal_nan=True)
    assert curves.header["axes"] == axes


def test_another_change_there_begins_a_branch_without_them_and_the_branch_that_is_left_says_what_differs():
    run = gandyn.Run(small(), measured=True)
    run.advance(10)
    run.set(unroll=5, lr_d=1e-3)
    run.advance(10)
    run.seek(5)
    run.set(lr_d=2e-3)
    run.advance(1)
    assert not any(source.endswith(AHEAD) for source, _ in drawn(run))
    lines = Past().show(run, 0, 3.0, settled=True)[0]["lines"]
    assert [line["label"] for line in lines] == ["k 5, critic's rate 0.001", ""]
