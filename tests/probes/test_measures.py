"""The measures against counts by hand, against their expected values for perfect samples, and against bad input."""

import math
import statistics
import time

import numpy as np
import pytest
import torch

import gandyn
from gandyn.core.rng import Rng
from gandyn.core.target import TARGETS
from gandyn.probes.distances import sliced_wasserstein
from gandyn.probes.measures import measure
from gandyn.probes.reference import RIVALS, floor, largest_remainder, reference
from gandyn.probes.sample_measures import applicable
from gandyn.targets.dirac import Dirac
from gandyn.targets.grid import Grid
from gandyn.targets.ring import Ring
from gandyn.targets.two_gaussians import TwoGaussians
from tests.probes.moments import POINTS

SIX = {"modes", "covered", "hq", "reverse_kl", "reverse_kl_all", "sw2"}
FOUR = Ring(modes=4, radius=2, sigma=0.1)  # centres (0, 2), (2, 0), (0, -2), (-2, 0)
UP, RIGHT, DOWN, LEFT = [0.0, 2.0], [2.0, 0.0], [0.0, -2.0], [-2.0, 0.0]


def at(*counted: tuple[list[float], int]) -> torch.Tensor:
    return torch.tensor([place for place, count in counted for _ in range(count)])


def test_the_public_name():
    assert gandyn.measure is measure


@pytest.mark.parametrize("name", POINTS)
def test_the_keys_and_their_types(name):
    target = TARGETS[name]()
    values = measure(target, target.draw(500, Rng(1)))
    assert set(values) == (SIX if target.mixture() else {"sw2"})
    assert all(type(values[key]) is int for key in ("modes", "covered") if key in values)
    assert all(type(values[key]) is float for key in values if key not in ("modes", "covered"))
    assert set(measure(target, target.draw(500, Rng(1)), full=True)) == {
        *values,
        *(one.name for one in applicable(target)),
    }


def test_counts_by_hand():
    # 160 samples, K = 4: covered from 10 on. UP 100, RIGHT 10, DOWN 9, LEFT none within 3 sigma = 0.3 but 1 beyond.
    x = at((UP, 100), (RIGHT, 10), (DOWN, 9), ([-2.31, 0.0], 1), ([0.0, 0.1], 40))
    values = measure(FOUR, x)
    assert values["modes"] == 3
    assert values["covered"] == 2
    assert values["hq"] == pytest.approx(119 / 160)
    p = np.array([100, 10, 9]) / 119
    assert values["reverse_kl"] == pytest.approx(float((p * np.log(p * 4)).sum()), rel=1e-9)
    q = np.array([140, 10, 9, 1]) / 160  # (0, 0.1) is nearest to UP
    assert values["reverse_kl_all"] == pytest.approx(float((q * np.log(q * 4)).sum()), rel=1e-9)


def test_the_threshold_of_covered_is_n_over_4_k():
    for count, covered in [(5, 1), (6, 1), (7, 2)]:  # n = 100, K = 4: 6.25
        assert measure(FOUR, at((UP, 100 - count), (RIGHT, count)))["covered"] == covered
    assert measure(FOUR, at((UP, 75), (RIGHT, 5)))["covered"] == 2  # n = 80: exactly 5


def test_the_edge_of_3_sigma():
    assert measure(FOUR, at(([2.2999, 0.0], 1)))["hq"] == 1
    assert measure(FOUR, at(([2.3001, 0.0], 1)))["hq"] == 0


def test_all_samples_on_one_mode():
    values = measure(Ring(), at(([0.0, 2.0], 50)))
    assert (values["modes"], values["covered"], values["hq"]) == (1, 1, 1)
    assert values["reverse_kl"] == pytest.approx(math.log(8))
    assert values["reverse_kl_all"] == pytest.approx(math.log(8))


def test_no_sample_near():
    values = measure(FOUR, at(([0.0, 0.5], 10)))
    assert (values["modes"], values["covered"], values["hq"]) == (0, 0, 0)
    assert values["reverse_kl"] is None
    assert values["reverse_kl_all"] == pytest.approx(math.log(4))


def test_reverse_kl_weighs_by_the_targets_weights():
    target = TwoGaussians(distance=4, sigma=0.1, weight=0.2)
    assert measure(target, at(([-2.0, 0.0], 20), ([2.0, 0.0], 80)))["reverse_kl"] == pytest.approx(0, abs=1e-12)
    wanted = 0.8 * math.log(0.8 / 0.2) + 0.2 * math.log(0.2 / 0.8)
    assert measure(target, at(([-2.0, 0.0], 80), ([2.0, 0.0], 20)))["reverse_kl"] == pytest.approx(wanted)


def test_the_closed_ring_counts_its_double_place_once():
    target = Ring(modes=8, radius=1, sigma=0.01, closed=1)
    values = measure(target, target.draw(2500, Rng(1)))
    assert (values["modes"], values["covered"]) == (7, 7)
    places = target.mixture().centres.float()
    right = torch.cat([places[:1], places]).repeat(10, 1)  # 2/8 at the top, 1/8 elsewhere
    assert measure(target, right)["reverse_kl"] == pytest.approx(0, abs=1e-12)


def test_where_modes_overlap_a_sample_is_near_both():
    target = TwoGaussians(distance=1, sigma=0.5)
    values = measure(target, at(([0.1, 0.0], 40)))
    assert (values["modes"], values["covered"], values["hq"]) == (2, 2, 1)
    assert values["reverse_kl"] == pytest.approx(math.log(2))  # each sample is counted once, at its nearest


@pytest.mark.parametrize("target", [Ring(radius=1, sigma=0.01), Ring(), Grid(extent=4, sigma=0.05)])
def test_98_89_percent_of_real_samples_are_near(target):
    n = 100_000
    p = 1 - math.exp(-4.5)
    assert measure(target, target.draw(n, Rng(9)), projections=1)["hq"] == pytest.approx(
        p, abs=5 * (p * (1 - p) / n) ** 0.5
    )


@pytest.mark.parametrize(("target", "n"), [(Ring(), 500), (Ring(), 2500), (Grid(), 2500)])
def test_reverse_kl_of_real_samples_is_k_minus_1_over_2n(target, n):
    k = len(target.mixture().weights)
    values = [measure(target, target.draw(n, Rng(i)), projections=1)["reverse_kl_all"] for i in range(200)]
    error = math.sqrt(2 * (k - 1)) / (2 * n) / 200**0.5  # 2 n KL is nearly chi squared with K - 1 degrees of freedom
    assert statistics.mean(values) == pytest.approx((k - 1) / (2 * n), abs=5 * error)


def test_largest_remainder():
    w = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64)
    assert largest_remainder(w, 10).tolist() == [5, 3, 2]
    assert largest_remainder(w, 11).tolist() == [6, 3, 2]  # 5.5, 3.3, 2.2
    assert largest_remainder(w, 3).tolist() == [1, 1, 1]  # 1.5, 0.9, 0.6
    assert largest_remainder(torch.full((8,), 1 / 8).double(), 12).tolist() == [2, 2, 2, 2, 1, 1, 1, 1]


@pytest.mark.parametrize("target", [Ring(), Ring(modes=3, weights=(1, 2, 4)), Grid(side=3, extent=2)])
@pytest.mark.parametrize("n", [1, 7, 1000])
def test_the_reference_of_a_mixture_has_every_mode_in_its_share(target, n):
    x, m = reference(target, n), target.mixture()
    assert x.shape == (n, 2)
    assert x.dtype == torch.float32
    counts = torch.cdist(x.double(), m.centres).argmin(1).bincount(minlength=len(m.weights))
    if m.sigma * 8 < 1:
        assert counts.tolist() == largest_remainder(m.weights, n).tolist()


def test_sw2_is_the_distance_to_the_reference():
    target, x = Ring(), Ring().draw(800, Rng(4)) + 0.3
    assert measure(target, x)["sw2"] == pytest.approx(sliced_wasserstein(x, reference(target, 800)), rel=1e-6)
    assert measure(target, x, projections=32)["sw2"] == pytest.approx(sliced_wasserstein(x, reference(target, 800), 32))


@pytest.mark.parametrize("name", POINTS)
def test_a_shift_of_the_reference(name):
    target = TARGETS[name]()
    dim = target.shape[0]
    x = reference(target, 600) + torch.tensor([0.3, -0.4][:dim])
    assert measure(target, x)["sw2"] == pytest.approx(0.5 / math.sqrt(2) if dim == 2 else 0.3, rel=1e-5)


def test_the_floor_is_what_real_samples_reach():
    for target, n in [(Ring(radius=1, sigma=0.01), 2500), (Ring(), 1000), (TARGETS["swiss-roll"](), 1000)]:
        values = [measure(target, target.draw(n, Rng(i)))["sw2"] for i in range(50, 90)]
        assert floor(target, n) == pytest.approx(np.mean(values), abs=4 * np.std(values) / len(RIVALS) ** 0.5)
        assert floor(target, n) == floor(type(target)(**target.parameters()), n)
    assert floor(Dirac(), 100) == 0


def test_the_stratified_reference_has_a_lower_floor_than_two_draws():
    ring = Ring(radius=1, sigma=0.01)
    against_reference = [measure(ring, ring.draw(2500, Rng(i)))["sw2"] for i in range(40)]
    assert statistics.mean(against_reference) < 0.078


def test_the_same_samples_give_the_same_numbers_and_no_global_random_number_is_used():
    x = Grid().draw(400, Rng(1))
    before = torch.get_rng_state()
    first = measure(Grid(), x, full=True)
    assert torch.equal(before, torch.get_rng_state())
    reference.cache_clear()
    assert measure(Grid(), x, full=True) == first


def test_other_forms_of_the_same_samples():
    x = Ring().draw(100, Rng(1))
    wanted = measure(Ring(), x)
    assert measure(Ring(), x.numpy()) == wanted
    assert measure(Ring(), x.double()) == wanted
    assert measure(Ring(), x.tolist()) == wanted
    assert measure(Ring(), x.clone().requires_grad_()) == wanted


@pytest.mark.parametrize(
    ("target", "bad", "said"),
    [
        (Ring(), torch.zeros(5, 3), r"of shape nx2, n > 0, not \[5, 3\]"),
        (Ring(), torch.zeros(2), "of shape nx2"),
        (Ring(), torch.zeros(0, 2), "n > 0"),
        (Ring(), torch.zeros(4, 5, 2), "of shape nx2"),
        (Dirac(), torch.zeros(5, 2), "of shape nx1"),
        (Ring(), torch.tensor([[0.0, math.nan], [0, 0]]), "must be finite, but 1 of 2 are not"),
        (Ring(), torch.tensor([[0.0, math.inf]]), "must be finite"),
        (Ring(), "samples", "must be numbers"),
        (Ring(), [[1, 2], [3]], "must be numbers"),
        (Ring(), None, "must be numbers"),
        (Ring(), [["1", "2"]], "must be numbers"),
        (Ring(), [[10**400, 1]], "must be numbers"),
        (Ring(), torch.zeros(3, 2, dtype=torch.complex64), "must be real numbers, not complex"),
        (Ring(), np.zeros((3, 2), dtype=complex), "must be real numbers, not complex"),
        (Ring(), [[1j, 0]], "must be real numbers, not complex"),
        (Ring(), np.full((3, 2), 1e301), r"at most 1e\+300 in size, not 1e\+301"),
        (Ring(), np.array([[0, 2]], dtype=np.longdouble) * np.longdouble(10) ** 400, "must be finite"),
    ],
)
def test_bad_samples_are_refused_in_one_line(target, bad, said):
    with pytest.raises(ValueError, match=said) as refused:
        measure(target, bad)
    assert "\n" not in str(refused.value)


def cluster(size: float, n: int = 40) -> np.ndarray:
    """n samples in float64 on four points of that size, one on each half axis, by turns."""
    return np.array([UP, RIGHT, DOWN, LEFT] * (n // 4)) / 2 * size


@pytest.mark.parametrize("size", [1e6, 1e15, 1e16, 1e19, 1e25, 1e37, 1e200, 1e300])
def test_samples_far_away_are_measured_as_they_are(size):
    """Closed forms: the reference is at 0 by comparison, so that all that counts are the samples' own distances.

    Each has modulus s, one on each half axis: W1 = W2 = s; sw2 = s / sqrt 2; and among n samples, n / 4 a point, the
    mean distance of two different ones is (n / 4) (2 sqrt 2 + 2) s / (n - 1), which is taken from 2 s.
    """
    n = 40
    values = measure(FOUR, cluster(size, n), full=True)
    among = n / 4 * (2 * math.sqrt(2) + 2) / (n - 1)
    assert (values["modes"], values["covered"], values["hq"], values["reverse_kl"]) == (0, 0, 0, None)
    assert values["reverse_kl_all"] == pytest.approx(0, abs=1e-12)  # each half axis is nearest to its own centre
    for name, wanted in {"sw2": math.sqrt(0.5), "w1": 1, "w2": 1, "energy": 2 - among}.items():
        assert values[name] / size == pytest.approx(wanted, rel=1e-4), name
    if size < 1e38:
        alone = measure(FOUR, torch.as_tensor(cluster(size, n)).float(), full=True)
        assert alone.pop("reverse_kl") is values.pop("reverse_kl") is None
        assert alone == pytest.approx(values, rel=1e-5)


def test_one_sample_far_away_leaves_the_others_counted():
    x = at((UP, 20), (RIGHT, 10), (DOWN, 9), ([1e25, 0.0], 1))
    values = measure(FOUR, x, full=True)
    assert (values["modes"], values["covered"], values["hq"]) == (3, 3, 39 / 40)
    q = np.array([20, 11, 9]) / 40  # (1e25, 0) is nearest to RIGHT
    assert values["reverse_kl_all"] == pytest.approx(float((q * np.log(q * 4)).sum()), rel=1e-9)
    assert values["w1"] == pytest.approx(1e25 / 40, rel=1e-6)
    assert values["w2"] == pytest.approx(1e25 / math.sqrt(40), rel=1e-6)
    assert values["sw2"] == pytest.approx(1e25 / math.sqrt(80), rel=1e-6)
    assert values["energy"] == pytest.approx(
        0, abs=1e25 * 1e-6
    )  # 2 s / n from the reference, 2 s / n among the samples


def test_samples_of_every_real_type_are_measured():
    x = np.array([UP, RIGHT, DOWN, LEFT] * 5, dtype=np.float64)
    wanted = measure(FOUR, x)
    for kind in ("int8", "int64", "float16", "float32", ">f4", "longdouble"):
        assert measure(FOUR, x.astype(kind)) == wanted, kind
    for kind in (torch.int32, torch.float16, torch.bfloat16):
        assert measure(FOUR, torch.as_tensor(x).to(kind)) == wanted, kind
    assert measure(FOUR, x[::-1]) == wanted
    assert measure(FOUR, np.uint64(x[x.min(1) >= 0]))["modes"] == 2


def test_it_is_fast_enough_to_be_live():
    x, times = Ring().draw(1000, Rng(1)), []
    for _ in range(50):
        start = time.perf_counter()
        measure(Ring(), x, projections=64)
        times.append(time.perf_counter() - start)
    assert statistics.median(times) < 5e-3
