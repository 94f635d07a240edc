"""gandyn bench says what it measures: its rows, its count of operations, its report; nothing here depends on time."""

import json
from collections import Counter

import pytest
import torch

from gandyn.benchmarks import report, suite
from gandyn.benchmarks.arithmetic import Counting, Shape, operations, products_of
from gandyn.benchmarks.chart import chart
from gandyn.benchmarks.gradients import errors
from gandyn.benchmarks.limit import Way, distance, fastest
from gandyn.benchmarks.lookahead import baseline
from gandyn.benchmarks.others import LIBRARIES
from gandyn.benchmarks.rows import chosen, experiment, preset_rows, rows
from gandyn.benchmarks.timing import Turns, compared, take_turns
from gandyn.benchmarks.words import text
from gandyn.cli import main
from gandyn.core.play import draw_batches, init
from gandyn.core.rng import Rng
from gandyn.presets import PRESETS

QUICK = Turns(3, 1e-4)


@pytest.fixture(autouse=True)
def same_threads():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_the_rows_and_what_is_wanted_of_them():
    wanted = {name: (row.wanted, row.goal) for name, row in rows().items() if row.wanted}
    assert wanted == {
        "notebook, non-saturating": (2.5, None),
        "notebook, WGAN, clip": (2.3, None),
        "notebook, WGAN-GP": (2.3, None),
        "notebook, look-ahead 1": (1.9, None),
        "notebook, look-ahead 5": (2.3, None),
        "notebook, look-ahead 10": (2.3, None),
        "notebook, look-ahead 5 / torchopt": (2.5, None),
        "notebook, look-ahead 5 / higher": (2.8, None),
        "classroom, minimax": (2.9, 4.0),
        "classroom, look-ahead 5": (4.2, 5.0),
        "64 lanes, non-saturating, per GAN": (28.0, None),
    }
    assert preset_rows().keys() == set(PRESETS)
    assert chosen([], True).keys() == set(PRESETS)
    assert chosen(["dirac", "lanes"], False).keys() == {"dirac", "64 lanes, non-saturating, per GAN"}


def forward(rows, *sizes):
    """Operations of one pass of rows through layers of these sizes."""
    return 2 * rows * sum(a * b for a, b in zip(sizes[:-1], sizes[1:], strict=True))


G, D, B = (256, 128, 128, 2), (2, 128, 128, 1), 512
# Backwards through a network: one product for every weight, one for every input that is asked for.
BACK = 2 * 128 * 128  # of one row through the middle layer
LAST = 2 * 128  # of one row through the critic's last layer, whose output is one number
G_BACK = B * (BACK + 2 * 128 * 2)
D_WEIGHTS = forward(2 * B, *D)
D_BACK = 2 * B * (BACK + LAST)
TO_FAKE = B * 2 * 2 * 128  # through the critic's first layer to the generated samples
ONE_PASS = 2 * forward(B, *G) + G_BACK + 2 * D_WEIGHTS + D_BACK


@pytest.mark.parametrize(
    ("rule", "by_hand"),
    [
        # The generator forwards, its weights, backwards; the critic the same over both halves; back to both from the
        # generator's loss.
        ("minimax", ONE_PASS + D_BACK + 2 * TO_FAKE),
        ("non-saturating", ONE_PASS + D_BACK + 2 * TO_FAKE),
        # Five of the critic on a generator that only makes samples; one of the generator, and the critic at real ones.
        (
            "WGAN, clip",
            5 * (forward(B, *G) + 2 * D_WEIGHTS + D_BACK)
            + 2 * forward(B, *G) + G_BACK + D_WEIGHTS + B * (BACK + LAST) + TO_FAKE,
        ),
    ],
)  # fmt: skip
def test_operations_are_counted_as_by_hand(rule, by_hand):
    assert operations(products_of(experiment(rule, "notebook"))) == by_hand


def test_a_look_ahead_costs_nine_passes_a_step():
    """3 to go, 6 to come back; little is missing, since the ends of the network have less to do than its middle."""
    at = {k: operations(products_of(experiment(f"look-ahead {k}", "notebook"))) for k in (1, 5, 10)}
    each = (at[10] - at[5]) / 5
    assert each == (at[5] - at[1]) / 4
    assert 0.97 < each / (9 * D_WEIGHTS) < 1


def test_every_kind_of_product_is_counted():
    a, b, c = torch.ones(4, 3), torch.ones(3, 5), torch.ones(4, 5)
    with Counting() as counting:
        torch.mm(a, b, out=c)
        torch.addmm(c, a, b)
        c.addmm_(a, b)
        torch.bmm(a.expand(2, 4, 3), b.expand(2, 3, 5))
        torch.ops.mkldnn._linear_pointwise(a, b.mT, None, "none", [], "")
        torch.ops.mkldnn._linear_pointwise.binary(a, c, b.mT, None, "add")
    assert counting.found == Counter({Shape(4, 3, 5): 5, Shape(4, 3, 5, 2): 1})
    assert operations(counting.found) == 5 * 120 + 240


def test_the_limit_takes_the_best_way_and_the_random_numbers():
    shape, thin = Shape(10, 10, 10), Shape(10, 10, 1)  # 2000 and 200 operations
    found = {Way(shape, "a"): [2.0, 2.0], Way(shape, "b"): [1.0, 1.0], Way(thin, "a"): [1.0, 1.0]}
    limit = distance([10.0, 20.0], [1.0, 1.0], found, Counter({shape: 3, thin: 1}))
    assert limit["operations"] == 6200 and limit["products"] == 4
    assert limit["limit"] == 1 + 3 + 1
    assert (limit["low"], limit["share"], limit["high"]) == (0.25, 0.375, 0.5)
    assert limit["strict"] == pytest.approx((4.1 / 10 + 4.1 / 20) / 2)
    assert {way.shape for way in fastest(Counter({shape: 1, thin: 1}))} == {shape, thin}


def test_turns_are_taken():
    order = []
    calls = {name: lambda n, name=name: order.append(name) for name in "ab"}
    found = take_turns(calls, patience=60, turns=QUICK)
    assert {name: len(times) for name, times in found.items()} == {"a": 3, "b": 3}
    assert "".join(order).endswith("ababab")
    assert compared([2.0, 6.0, 4.0], [1.0, 2.0, 1.0]) == {"ratio": 3.0, "low": 2.0, "high": 4.0, "pairs": 3}


def test_a_report(monkeypatch, tmp_path):
    monkeypatch.setattr(suite, "installed", lambda name: False)
    asked = {name: row for name, row in rows().items() if name in ("notebook, minimax", "classroom, minimax")}
    asked["notebook, look-ahead 5 / higher"] = rows()["notebook, look-ahead 5 / higher"]
    found = suite.suite(asked | {"dirac": preset_rows()["dirac"]}, QUICK)
    assert json.loads(json.dumps(found)) == found
    assert found.keys() == {"machine", "threads", "rows", "gradient_errors", "load_after"}
    assert found["threads"] == 1
    by_name = {row["name"]: row for row in found["rows"]}
    assert by_name["notebook, look-ahead 5 / higher"]["ratio"] is None
    row = by_name["classroom, minimax"]
    assert 0 < row["low"] <= row["ratio"] <= row["high"] and row["pairs"] == 3
    assert row["reached"] is (row["ratio"] >= 2.9) and row["shared"]["ratio"] > 0 and "limit" not in row
    limit = by_name["notebook, minimax"]["limit"]
    assert 0 < limit["strict"] <= limit["share"] and limit["wanted"] == 0.6
    assert sum(2 * s["rows"] * s["inner"] * s["columns"] * s["times"] for s in limit["shapes"]) == limit["operations"]
    told = text(found)
    for name in by_name:
        assert name in told
    assert "not installed" in told and "≥ 2.9 (goal 4)" in told
    monkeypatch.setattr(report, "PAGE", tmp_path / "performance.md")
    report.draw("step", found["rows"])
    assert (tmp_path / "performance" / "step.png").stat().st_size > 5000
    assert [tick.get_text() for tick in chart(found["rows"]).axes[0].get_yticklabels()] == [
        "notebook, minimax", "classroom, minimax", "dirac",
    ]  # fmt: skip


def test_errors_of_the_gradient():
    found = errors(experiment("look-ahead 5", "notebook"))
    assert found.keys() == {"gandyn, float64", "gandyn, float32", "plain, float32"} | {
        f"{name}, float32" for name in LIBRARIES
    }
    assert found["gandyn, float64"] < 1e-10 and found["gandyn, float32"] < 1e-2


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_takes_the_same_steps(library):
    pytest.importorskip(library)
    setting = experiment("look-ahead 5", "notebook").replace(batch_size=8)
    if library == "higher":  # its Adam has eps where TensorFlow's has it; beside these moments it hardly counts
        setting = setting.replace(eps=1e-14)
    state = init(setting.game, 0, torch.float64)
    plain, theirs = baseline(setting, state), LIBRARIES[library](setting, state)
    for step in range(3):
        batches = draw_batches(setting, Rng(0, step), torch.float64)
        torch.testing.assert_close(theirs.step(batches), plain.step(batches), rtol=1e-6, atol=1e-9)
    for found, wanted in zip(theirs.g_parameters, plain.g_parameters, strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-5)


def test_the_command_answers_mistakes_in_one_line(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(report, "PAGE", tmp_path / "performance.md")
    for arguments, answer in (
        (["--only", "nix"], "--only nix: no row has this"),
        (["--only", "dirac", "--write"], "leave out --only"),
        (["--write"], "--write is for the source tree"),
    ):
        assert main(["bench", *arguments]) == 2
        told = capsys.readouterr()
        assert told.out == "" and len(told.err.splitlines()) == 1 and answer in told.err


def test_the_command_prints_one_json_object(capsys, monkeypatch):
    monkeypatch.setattr(suite, "WHOLE", 0.0)
    assert main(["bench", "--only", "dirac", "--json"]) == 0
    told = capsys.readouterr()
    assert [row["name"] for row in json.loads(told.out)["rows"]] == ["dirac"]
    assert told.err == "measuring dirac (1 of 1)\n"
