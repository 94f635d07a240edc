"""gandyn bench says what it measures: its rows, its count of operations, its report; nothing here depends on time."""

import json
import os
import sys
import threading
from collections import Counter

import pytest
import torch

from gandyn.benchmarks import figures, gradients, jax_process, products, report, suite
from gandyn.benchmarks import rows as of_rows
from gandyn.benchmarks.arithmetic import Counting, Shape, normals_of, operations, products_of
from gandyn.benchmarks.chart import chart
from gandyn.benchmarks.gradients import errors
from gandyn.benchmarks.limit import distance
from gandyn.benchmarks.lookahead import baseline
from gandyn.benchmarks.others import LIBRARIES
from gandyn.benchmarks.products import Way, fastest, openblas_on_one_thread, ways
from gandyn.benchmarks.rows import Choice, chosen, experiment, preset_rows, rows
from gandyn.benchmarks.timing import Turns, by_cpu, compared, take_turns
from gandyn.benchmarks.words import text
from gandyn.cli import main
from gandyn.core import native
from gandyn.core.dynamics import step as autograd_step
from gandyn.core.play import draw_batches, init
from gandyn.core.rng import Rng
from gandyn.presets import PRESETS

QUICK = Turns(3, 1e-4)
JAX = os.environ.get("GANDYN_JAX")


@pytest.fixture(autouse=True)
def same_threads():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("wide", [True, False], ids=["AVX-512", "another"])
def test_the_rows_and_what_is_wanted_of_them(monkeypatch, wide):
    monkeypatch.setattr(of_rows, "_by_processor", lambda with_avx512, other: with_avx512 if wide else other)
    wanted = {name: (row.wanted, row.goal) for name, row in rows().items() if row.wanted and row.other != "JAX"}
    assert wanted == {
        "notebook, minimax": (2.6, None),
        "notebook, non-saturating": (2.3 if wide else 2.8, None),
        "notebook, WGAN, clip": (2.2, None),
        "notebook, WGAN-GP": (2.2, None),
        "notebook, look-ahead 5": (2.1 if wide else 2.3, 2.6),
        "notebook, look-ahead 5 / torchopt": (2.5, None),
        "notebook, look-ahead 5 / higher": (2.8, None),
        "classroom, minimax": (12 if wide else 8, 16),
        "classroom, look-ahead 5": (15 if wide else 12, 22),
        "64 lanes, non-saturating, per GAN": (45 if wide else 28, 54),
        "64 lanes, two cores / one": (1.8, None),
    }
    beside_jax = {name.removesuffix(" / JAX") for name, row in rows().items() if row.other == "JAX"}
    assert beside_jax == {name for name, row in rows().items() if row.wanted and row.other == "plain"}
    shares = {name: row.limit for name, row in rows().items() if row.limit}
    assert all(name.startswith("notebook") for name in shares)
    assert {(0.55 if "look-ahead" in name else 0.65) == share for name, share in shares.items()} == {True}


def test_rows_and_figures_are_chosen_by_words():
    assert chosen([], False).rows.keys() == rows().keys() and chosen([], False).figures == list(figures.FIGURES)
    unknown = {"ring-r3gan", "quadratic", "swiss-roll-dragan", "ring-packs", "ring-minibatch-deviation"}
    measured = set(PRESETS) - unknown  # whose penalties and packs the plain loops do not have
    assert chosen([], True).rows.keys() == measured and chosen([], True).figures == []
    assert preset_rows().keys() == measured
    choice = chosen(["dirac", "64 lanes, two", "memory"], False)
    assert choice.rows.keys() == {"dirac", "64 lanes, two cores / one"} and choice.figures == ["memory of lanes"]


@pytest.mark.skipif(not native.INSTALLED, reason="without numba there are no instructions to look up")
def test_what_is_wanted_follows_the_processor(monkeypatch):
    from gandyn.core.native import processor

    for instructions, wanted in (("avx512", 12), ("avx2", 8), ("neon", 8)):
        monkeypatch.setattr(processor, "INSTRUCTIONS", instructions)
        assert rows()["classroom, minimax"].wanted == wanted


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
    assert counting.products == Counter({Shape(4, 3, 5): 3})
    assert operations(counting.products) == 3 * 120
    with Counting(), pytest.raises(ValueError, match="stacks of products"):
        torch.bmm(a.expand(2, 4, 3), b.expand(2, 3, 5))


def test_normal_numbers_are_counted():
    """Of a latent and of a sample's noise, for every batch."""
    assert normals_of(experiment("minimax", "notebook")) == 512 * (256 + 2)
    assert normals_of(experiment("WGAN-GP", "classroom")) == 6 * 256 * (32 + 2)
    assert normals_of(PRESETS["dirac"]) == 0


def test_the_limit_takes_the_best_way_and_the_random_numbers():
    shape, thin = Shape(10, 10, 10), Shape(10, 10, 1)  # 2000 and 200 operations
    times = {Way(shape, "a"): [2.0, 2.0], Way(shape, "b"): [1.0, 1.0], Way(thin, "a"): [1.0, 1.0]}
    limit = distance([10.0, 20.0], [1.0, 1.0], times, Counter({shape: 3, thin: 1}))
    assert limit["operations"] == 6200 and limit["products"] == 4
    assert limit["limit"] == 1 + 3 + 1
    assert (limit["low"], limit["share"], limit["high"]) == (0.25, 0.375, 0.5)
    assert limit["strict"] == pytest.approx((4.1 / 10 + 4.1 / 20) / 2)
    assert {way.shape for way in fastest([shape, thin], openblas=False)} == {shape, thin}


@pytest.mark.parametrize("shape", [Shape(128, 5, 3), Shape(64, 128, 33), Shape(7, 192, 20), Shape(3, 4, 5)])
def test_every_way_to_multiply_is_exact(shape):
    """Each is compared with float64 before it counts; here none may be missing."""
    layouts = ["", " a^T", " b^T", " a^T b^T"]
    wanted = {f"torch{layout}" for layout in layouts}
    with openblas_on_one_thread() as openblas:
        if openblas:
            wanted |= {f"OpenBLAS{layout}" for layout in layouts}
        if native.INSTALLED and shape.rows % 64 == 0:
            wanted |= {"tiles", "tiles b^T"}
        if native.INSTALLED and shape.inner % 64 == 0:
            wanted |= {"tiles, summed", "tiles, transposed, summed"}
        assert ways(shape, openblas).keys() == wanted


def test_products_of_bfloat16_do_not_count(monkeypatch):
    multiply = torch.mm

    def coarse(a, b, *, out):
        return out.copy_(multiply(a.bfloat16(), b.bfloat16()))

    monkeypatch.setattr(torch, "mm", coarse)
    assert not any(name.startswith("torch") for name in ways(Shape(64, 64, 64), openblas=False))


def test_turns_are_taken():
    order = []
    calls = {name: by_cpu(lambda n, name=name: order.append(name)) for name in "ab"}
    times = take_turns(calls, patience=60, turns=QUICK)
    assert {name: len(each) for name, each in times.items()} == {"a": 3, "b": 3}
    assert "".join(order).endswith("ababab")
    assert compared([2.0, 6.0, 4.0], [1.0, 2.0, 1.0]) == {"ratio": 3.0, "low": 2.0, "high": 4.0, "pairs": 3}


MEMORY = {"name": "memory", "lanes": 2, "state": 1e6, "peak": 2.5e6, "value": 2.5, "wanted": 3.0, "reached": True}


def test_a_report(monkeypatch, tmp_path):
    monkeypatch.setattr(suite, "installed", lambda name: False)
    monkeypatch.setattr(suite.os, "cpu_count", lambda: 1)
    monkeypatch.setitem(suite.FIGURES, "memory of lanes", lambda turns: [MEMORY])
    monkeypatch.setattr(products, "TRIAL", 1e-4)
    monkeypatch.setattr(gradients, "SEEDS", 1)
    names = [
        "notebook, minimax", "classroom, minimax", "notebook, look-ahead 5 / higher", "classroom, minimax / JAX",
        "64 lanes, two cores / one",
    ]  # fmt: skip
    asked = {name: rows()[name] for name in names} | {"dirac": preset_rows()["dirac"]}
    results = suite.suite(Choice(asked, ["memory of lanes"]), QUICK)
    assert json.loads(json.dumps(results)) == results
    assert results.keys() == {"machine", "threads", "rows", "figures", "gradient_errors", "load_after"}
    assert results["threads"] == 1
    by_name = {row["name"]: row for row in results["rows"]}
    assert list(by_name) == list(asked)
    notes = {name: row["note"] for name, row in by_name.items() if row["ratio"] is None}
    assert notes == dict(zip(names[2:], ["not installed", "not installed", "there is one core"], strict=True))
    row = by_name["classroom, minimax"]
    assert 0 < row["low"] <= row["ratio"] <= row["high"] and row["pairs"] == 3
    assert row["reached"] is (row["ratio"] >= row["wanted"]) and row["shared"]["ratio"] > 0 and "limit" not in row
    limit = by_name["notebook, minimax"]["limit"]
    assert 0 < limit["strict"] <= limit["share"] and limit["wanted"] == 0.65
    assert sum(2 * s["rows"] * s["inner"] * s["columns"] * s["times"] for s in limit["shapes"]) == limit["operations"]
    report_text = text(results)
    for name in by_name:
        assert name in report_text
    assert "JAX: not installed" in report_text and f"≥ {row['wanted']:g} (goal 16)" in report_text
    assert "| memory | 2 MB of 1 | 2.50 | ≤ 3, reached |" in report_text
    monkeypatch.setattr(report, "PAGE", tmp_path / "performance.md")
    report.draw("step", results["rows"])
    assert (tmp_path / "performance" / "step.png").stat().st_size > 5000
    assert [tick.get_text() for tick in chart(results["rows"]).axes[0].get_yticklabels()] == [
        "notebook, minimax", "classroom, minimax", "dirac",
    ]  # fmt: skip


def test_steps_beside_a_busy_thread(monkeypatch):
    before = threading.active_count()
    gandyn, plain = figures.beside_a_busy_thread(QUICK)
    assert threading.active_count() == before
    for result in (gandyn, plain):
        assert result["beside"] > 0 and result["alone"] > 0 and result["value"] > 0
    assert gandyn["wanted"] == 0.5 and gandyn["reached"] is (gandyn["value"] >= 0.5) and plain["reached"] is None


@pytest.mark.slow
def test_lanes_need_at_most_three_times_their_state():
    (result,) = figures.memory_of_lanes(QUICK)
    assert result["lanes"] == 1024
    assert 1 < result["value"] <= 3


def test_another_game_is_no_comparison(monkeypatch):
    """What a JAX process answers is held against gandyn's own steps."""
    setting = experiment("minimax", "classroom").replace(batch_size=4)
    process = object.__new__(jax_process.JaxProcess)
    process.experiment, process.lanes = setting, None
    answers = []

    def answer(message, lr_d=setting.knobs.lr_d):
        name, (_, _, steps) = message
        assert name == "take" and len(steps) == 3
        state, losses = init(setting.game, 0, torch.float64), []
        for i in range(3):
            batches = draw_batches(setting, Rng(0, i), torch.float64)
            state, metrics = autograd_step(
                setting.game, setting.rule, state, batches, setting.knobs._replace(lr_d=lr_d)
            )
            losses.append([float(metrics.critic_loss), float(metrics.generator_loss)])
        nets = (setting.game.generator, state.g), (setting.game.critic, state.d)
        answers.append(name)
        return losses, [jax_process.layers(*pair) for pair in nets]

    process._send = answer
    process.check()
    process._send = lambda message: answer(message, lr_d=1e-4)
    with pytest.raises(ValueError, match="JAX computes another game"):
        process.check()
    assert answers == ["take"] * 2


@pytest.mark.skipif(not JAX, reason="GANDYN_JAX names no Python that has jax")
@pytest.mark.parametrize("rule", ["minimax", "non-saturating", "look-ahead 5", "WGAN, clip", "WGAN-GP"])
def test_jax_takes_the_same_steps(rule):
    setting = experiment(rule, "classroom").replace(batch_size=16)
    with jax_process.JaxProcess(JAX, setting, lanes=2) as process:
        process.check()
        process.prepare(suite.init_lanes(setting.game, 0, 2)[:2])
        assert process.seconds(2) > 0


def test_there_is_no_jax_for_what_it_does_not_compute():
    for controls in ({"penalty": "r1"}, {"ema": 0.5}, {"freeze": "critic"}, {"order": "alternating"}):
        with pytest.raises(ValueError, match="no JAX"):
            jax_process.settings(PRESETS["collapse"].replace(**controls))


def test_errors_of_the_gradient(monkeypatch):
    monkeypatch.setattr(gradients, "SEEDS", 3)
    measured = errors(experiment("look-ahead 5", "notebook"))
    assert measured.keys() == {"gandyn, float64", "gandyn, float32", "plain, float32"} | {
        f"{name}, float32" for name in LIBRARIES
    }
    assert measured["gandyn, float64"] < 1e-10 and measured["gandyn, float32"] < 1e-2


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
    for parameter, wanted in zip(theirs.g_parameters, plain.g_parameters, strict=True):
        torch.testing.assert_close(parameter, wanted, rtol=1e-4, atol=1e-5)


def test_the_command_answers_mistakes_in_one_line(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(report, "PAGE", tmp_path / "performance.md")
    for arguments, answer in (
        (["--only", "nix"], "--only nix: no row has this"),
        (["--only", "dirac", "--write"], "leave out --only"),
        (["--write"], "--write is for the source tree"),
        (["--only", "dirac", "--jax", "nowhere/python"], "--jax nowhere/python: No such file or directory"),
        (["--only", "dirac", "--jax", sys.executable], "No module named 'jax'"),
    ):
        assert main(["bench", *arguments]) == 2
        printed = capsys.readouterr()
        assert printed.out == "" and len(printed.err.splitlines()) == 1 and answer in printed.err


def test_the_command_prints_one_json_object(capsys, monkeypatch):
    monkeypatch.setattr(suite, "WHOLE", 0.0)
    assert main(["bench", "--only", "dirac", "--json"]) == 0
    printed = capsys.readouterr()
    assert [row["name"] for row in json.loads(printed.out)["rows"]] == ["dirac"]
    assert printed.err == "measuring dirac (1 of 1)\n"
