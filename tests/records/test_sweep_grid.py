"""What a sweep runs, and who shares lanes."""

import json

import pytest

from gandyn.presets import preset
from gandyn.records.config import from_config, to_config
from gandyn.sweep.grid import Job, grid
from gandyn.sweep.groups import common, tasks


def test_every_preset_with_every_value_and_every_seed():
    swept = grid("collapse,ring-wgan-gp", "2:5", ["lr_d=1e-4,1e-3", "unroll=0"], 40)
    assert [(axis.name, axis.values) for axis in swept.axes] == [
        ("preset", ("collapse", "ring-wgan-gp")),
        ("lr_d", (1e-4, 1e-3)),
    ]
    assert [(job.point["preset"], job.point["lr_d"], job.seed) for job in swept.jobs] == [
        (name, rate, seed) for name in ("collapse", "ring-wgan-gp") for rate in (1e-4, 1e-3) for seed in (2, 3, 4)
    ]
    for job in swept.jobs:
        name, rate = job.point["preset"], job.point["lr_d"]
        assert job.config == to_config(preset(name, lr_d=rate, unroll=0, seed=job.seed, steps=40)) and job.every == 2
        assert to_config(from_config(json.loads(json.dumps(job.config)))) == job.config


def test_what_holds_commas_has_semicolons_between_its_values():
    swept = grid("collapse", None, ["generator.widths=64,64;8", "target.weights=1,2,3,4,5,6,7,8", "batch_size=8;16"])
    assert [(axis.name, axis.values) for axis in swept.axes] == [
        ("generator.widths", ((64, 64), (8,))),
        ("batch_size", (8, 16)),
    ]
    assert len(swept.jobs) == 4 and {job.seed for job in swept.jobs} == {preset("collapse").seed}
    assert {job.point["target.weights"] for job in swept.jobs} == {(1, 2, 3, 4, 5, 6, 7, 8)}


def test_a_key_is_of_all_that_a_row_depends_on():
    keys = [
        grid(*arguments).jobs[0].key
        for arguments in (
            ("collapse", "0:1"),
            ("collapse", "1:2"),
            ("rotation", "0:1"),
            ("collapse", "0:1", ["eps=1e-7"]),
            ("collapse", "0:1", [], 100),
            ("collapse", "0:1", [], None, 7),
        )
    ]
    assert len(set(keys)) == len(keys)
    same = preset("collapse")
    assert grid("collapse", "0:1", [f"lr_d={same.knobs.lr_d}", "unroll=0"]).jobs[0].key == keys[0]


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (("colapse",), "did you mean 'collapse'?"),
        (("",), "which preset?"),
        (("collapse,collapse",), "the same: a preset or a value is there twice"),
        (("collapse", None, ["lr_e=1,2"]), "control 'lr_e' is unknown; did you mean 'lr_"),
        (("collapse", None, ["lr_d=1,-1"]), "lr_d must be a number in [0, 100], not -1"),
        (("collapse", None, ["lr_d=1,1.0"]), "the same: a preset or a value is there twice"),
        (("collapse", None, ["lr_d"]), "--set takes name=value or name=value,value, not 'lr_d'"),
        (("collapse", None, ["lr_d="]), "--set lr_d= names no value"),
        (("collapse", None, ["lr_d=1", "lr_d=2"]), "lr_d is set twice"),
        (("collapse", None, ["seed=1,2"]), "use --seeds A:B"),
        (("collapse", None, ["note=x"]), "note changes nothing"),
        (("collapse", None, ["steps=5"], 6), "steps is set twice"),
        (("collapse", "5"), "--seeds takes A:B, the whole numbers from A to B - 1, as 0:16, not '5'"),
        (("collapse", "3:3"), "--seeds takes A:B"),
        (("collapse", "-1:3"), "--seeds takes A:B"),
        (("collapse", "0:200000"), "200,000 GANs, more than 100,000"),
        (("collapse", None, [], 0), "steps must be"),
        (("collapse", None, [], None, 0), "--every must be"),
        (("mnist-wgan-gp", None, ["generator.widths=8"]), "no multilayer perceptron"),
    ],
)
def test_a_mistake_is_one_line(arguments, answer):
    with pytest.raises(ValueError) as caught:
        grid(*arguments)
    assert answer in str(caught.value) and "\n" not in str(caught.value)


def jobs_of(settings: list[str], seeds: str = "0:8") -> tuple[Job, ...]:
    return grid("collapse", seeds, settings, 20).jobs


def test_lanes_are_shared_by_what_differs_in_seed_and_knobs_alone():
    jobs = jobs_of(["lr_d=1e-3,1e-4", "clip=0,0.1", "unroll=0,1", "batch_size=8"])
    groups = tasks(jobs, lambda kind: 32, 1, {})
    assert sorted(job.key for task in groups for job in task.jobs) == sorted(job.key for job in jobs)
    assert [len(task.jobs) for task in groups] == [32, 32]
    for task in groups:
        assert len({common(job) for job in task.jobs}) == len({job.point["unroll"] for job in task.jobs}) == 1


@pytest.mark.parametrize(
    ("most", "workers", "sizes"), [(32, 1, [16]), (5, 1, [4, 4, 4, 4]), (32, 3, [6, 5, 5]), (1, 2, [1] * 16)]
)
def test_groups_are_even_small_enough_and_one_a_worker(most, workers, sizes):
    groups = tasks(jobs_of(["lr_d=1e-3,1e-4"]), lambda kind: most, workers, {})
    assert [len(task.jobs) for task in groups] == sizes


def test_at_equal_gradients_what_costs_more_makes_fewer_steps():
    """An evaluation of the field is a gradient of each player; an update looked ahead one of the critic."""
    settings = ["update_rule=gradient,extragradient,rk4", "unroll=0,2"]
    steps = {(job.point["update_rule"], job.point["unroll"]): job.config["steps"] for job in _collapse(settings).jobs}
    assert steps == {
        ("gradient", 0): 120, ("gradient", 2): 60, ("extragradient", 0): 60, ("extragradient", 2): 30, ("rk4", 0): 30,
        ("rk4", 2): 15,
    }  # fmt: skip
    five = grid("ring-wgan-clip", settings=["critic_steps=5"], gradients=120).jobs
    assert [job.config["steps"] for job in five] == [40], "5 of the critic's and 1 of the generator's are 3 evaluations"
    with pytest.raises(ValueError, match=r"--gradients 1 is less than one step: a step costs 4; name more"):
        _collapse(["update_rule=rk4"], gradients=1)


def test_at_equal_gradients_the_warm_up_counts_at_its_own_cost():
    two = grid("collapse", settings=["update_rule=gradient,consensus", "unroll=0"], gradients=120, warmup=60).jobs
    cost = {
        name: preset("collapse").replace(update_rule=name, unroll=0).rule.gradients
        for name in ("gradient", "consensus")
    }
    first = preset("collapse").replace(unroll=0).rule.gradients
    assert cost["consensus"] > cost["gradient"] == first
    for job in two:
        after = job.config["steps"] - 60
        assert 60 * first + after * cost[job.point["update_rule"]] == pytest.approx(120, abs=cost["consensus"] / 2)
    with pytest.raises(ValueError, match=r"a step costs 1, after a warm-up of 200; name more, or a shorter --warmup"):
        grid("collapse", settings=["update_rule=gradient,consensus", "unroll=0"], gradients=120, warmup=200)


def _collapse(settings, gradients=120):
    return grid("collapse", settings=settings, gradients=gradients)


def test_what_acts_in_the_warm_up_is_not_told_to_be_without_effect():
    swept = grid("collapse", "0:1", ["freeze=critic,generator", "critic_steps=3"], warmup=10)
    assert not [note for note in swept.notes if note.startswith("critic_steps")]
    assert grid("collapse", "0:1", ["freeze=critic", "critic_steps=3"]).notes


def test_an_axis_that_changes_nothing_anywhere_is_refused_with_the_reason():
    for settings in (["penalty=r1", "penalty.r2=0.1,1"], ["freeze=critic", "lr_d=1e-4,1e-3", "unroll=0"]):
        with pytest.raises(ValueError, match=r"(penalty\.r2|lr_d) has several values, but changes nothing here: "):
            grid("collapse", settings=settings)


def test_an_axis_that_changes_nothing_at_some_points_is_told():
    swept = grid("collapse", settings=["penalty=none,r1", "penalty.r1=0.1,1"])
    assert len(swept.jobs) == 4
    (note,) = swept.notes
    assert note.startswith("at 2 of 4 points penalty.r1 changes nothing (") and note.endswith("GANs there are the same")
    assert grid("collapse", settings=["penalty=r1,r2", "penalty_weight=0.1,1"]).notes == ()


def test_under_an_objective_without_a_critic_its_networks_and_optimiser_are_named_as_axes_that_change_nothing():
    for name, values in (
        ("optimizer_d", "adam,sgd"), ("critic.norm", "none,layer"), ("critic.pack", "1,2"), ("critic.widths", "8;16"),
        ("critic.minibatch", "none,deviation"), ("clip", "0,0.1"), ("lr_d", "1e-3,1e-2"), ("unroll", "0,5"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=f"^{name} has several values, but changes nothing here: the obj"):
            grid("collapse", settings=["objective=mmd", f"{name}={values}"])
        (note,) = grid("collapse", settings=["objective=mmd,minimax", f"{name}={values}"]).notes
        assert note.startswith(f"at 2 of 4 points {name} changes nothing (the objective mmd has no critic)"), note
    assert grid("collapse", settings=["objective=mmd", "penalty=r1", "critic.widths=8;16"]).notes == ()


def test_the_seeds_of_a_game_without_randomness_are_one_run_and_it_is_said():
    made = grid("dirac,collapse", "3:11", ["unroll=0,1"])
    assert [job.seed for job in made.jobs if job.point["preset"] == "dirac"] == [3, 3]
    assert len([job for job in made.jobs if job.point["preset"] == "collapse"]) == 16
    assert made.notes == (
        "at 2 of 4 points nothing is random: all 8 seeds are the same run, which is made once, as seed 3",
    )
    (note,) = grid("quadratic", "0:4").notes
    assert note.startswith("nothing is random: all 4 seeds")
    assert grid("quadratic", "0:1").notes == grid("collapse", "0:4").notes == ()
    assert len(grid("dirac", "0:4", ["latent_size=1", "generator.init=normal"]).jobs) == 4


def test_a_warm_up_with_randomness_leaves_the_seeds_what_they_are():
    assert len(grid("dirac", "0:4", ["penalty=none,instance-noise"], warmup=2).jobs) == 1 + 4
