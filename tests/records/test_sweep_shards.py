"""Which rows a shard makes, what sweep.json says of them, and what a merge refuses."""

import json

import pytest

from gandyn.core.rng import NAME
from gandyn.records.engine import Engine
from gandyn.sweep.description import describe, grid_of
from gandyn.sweep.directory import SweepDirectory
from gandyn.sweep.grid import grid
from gandyn.sweep.merge import merge, merged, read
from gandyn.sweep.shard import Shard, jobs_of

ENGINE = Engine("autograd", 1, {"torch": "AVX2"})


@pytest.fixture
def whole():
    return grid("collapse", "0:20", ["lr_d=1e-3,1e-2"], 40)


@pytest.mark.parametrize("count", [1, 2, 7, 100])
def test_every_row_is_of_one_shard(whole, count):
    shares = [jobs_of(whole, Shard(i, count)) for i in range(1, count + 1)]
    assert sorted(job.key for share in shares for job in share) == sorted(job.key for job in whole.jobs)
    wider = grid("collapse", "0:30", ["lr_d=1e-2,1e-3", "unroll=0,1"], 40)
    for i, share in enumerate(shares, 1):
        own = {job.key for job in jobs_of(wider, Shard(i, count))}
        assert {job.key for job in share} <= own, "a row's shard does not depend on the other rows"


def test_the_share_of_a_key_is_written_down():
    assert Shard.of("000000000000000b", 3) == (3, 3)  # 11 = 2 modulo 3


def test_shards_are_about_even():
    many = grid("collapse", "0:4000", [], 40)
    sizes = [len(jobs_of(many, Shard(i, 8))) for i in range(1, 9)]
    chi_squared = sum((size - 500) ** 2 / 500 for size in sizes)
    assert chi_squared < 24.3  # the 0.999 quantile with 7 degrees of freedom


@pytest.mark.parametrize("text", ["1/3", "03/03", "100000/100000"])
def test_a_shard_is_read(text):
    assert Shard.parse(text) == tuple(map(int, text.split("/")))


@pytest.mark.parametrize("text", ["", "0/3", "4/3", "1", "1/", "/2", "-1/2", "1/2/3", "1.0/2", "٣/٤", "1/100001"])
def test_what_is_no_shard_is_refused_in_one_line(text):
    with pytest.raises(ValueError, match=r"^--shard takes I/N, the shards are 1/N to N/N .*[^\n]$"):
        Shard.parse(text)


@pytest.mark.parametrize(
    "arguments",
    [
        ("collapse,ring-wgan-gp", "2:5", ["lr_d=1e-4,1e-3", "unroll=0"], 40),
        ("collapse", None, ["generator.widths=64,64;8", "steps=30,50"], None, 7),
        ("collapse", "0:2", ["unroll=0,2", "lr_g=2e-3"], 30, 10, 10),
    ],
)
def test_a_described_grid_is_the_grid(arguments):
    swept = grid(*arguments)
    again = grid_of(json.loads(json.dumps(describe(swept))))
    assert again.axes == swept.axes
    assert [job.key for job in again.jobs] == [job.key for job in swept.jobs]
    assert [(job.point, job.seed, job.every, job.warmup) for job in again.jobs] == [
        (job.point, job.seed, job.every, job.warmup) for job in swept.jobs
    ]


def rows_of(jobs):
    return [
        {"key": job.key, **job.point, "seed": job.seed, "error": None, "sw2": 0.1 * job.seed, "seconds": 1.0}
        for job in jobs
    ]


@pytest.fixture
def folders(whole, tmp_path):
    """Those of three finished shards."""
    paths = [tmp_path / f"s{i}" for i in (1, 2, 3)]
    for i, path in enumerate(paths, 1):
        directory = SweepDirectory.opened(path, whole, ENGINE, Shard(i, 3))
        directory.append(rows_of(jobs_of(whole, Shard(i, 3))))
    return paths


def change(folder, **entries):
    path = folder / "sweep.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | entries))


def refusal(folders, tmp_path):
    with pytest.raises(ValueError) as caught:
        merge(folders, tmp_path / "merged")
    assert not (tmp_path / "merged").exists() and "\n" not in str(caught.value)
    return str(caught.value)


def test_a_merge_has_all_rows_in_the_order_of_the_grid(whole, folders):
    again, rows = merged([read(path) for path in reversed(folders)])
    assert [row["key"] for row in rows] == [job.key for job in whole.jobs] == [job.key for job in again.jobs]


@pytest.mark.parametrize(
    ("entries", "answer"),
    [
        ({"versions": {"gandyn": "0"}}, 'were made with different versions, {"gandyn": '),
        ({"random": "other"}, f'were made with different random, "{NAME}" and "other"'),
        ({"data": {"mnist": {}}}, "were made with different data"),
        ({"engine": {"name": "native", "threads": 1}}, "were made with engines 'autograd' and 'native'"),
        ({"engine": {}}, "is not as gandyn wrote it"),
        ({"points": []}, "are of different sweeps"),
        ({"shard": 3}, "is not as gandyn wrote it"),
    ],
)
def test_a_merge_refuses_what_is_of_something_else(folders, tmp_path, entries, answer):
    change(folders[1], **entries)
    assert answer in refusal(folders, tmp_path)


def test_a_merge_of_different_machines_says_so(folders, tmp_path, caplog):
    change(folders[1], engine=ENGINE._replace(description={"torch": "AVX512"}).as_dict())
    merge(folders, tmp_path / "merged")
    assert f"{folders[0]} and {folders[1]} were made on different machines: the last bits may differ" in caplog.text


def test_a_merge_refuses_other_rows(whole, folders, tmp_path):
    row = rows_of(whole.jobs)[0]
    for strange in ({"key": "0" * 16}, {"seed": row["seed"] + 1}):  # the second says another seed than its key
        SweepDirectory(folders[1]).append([row | strange])
        assert "s2 holds 1 rows that are not of its sweep" in refusal(folders, tmp_path)
        (folders[1] / "rows.jsonl").write_text("")


def test_a_merge_refuses_rows_that_contradict_each_other_and_no_others(whole, folders, tmp_path):
    (row, *_) = SweepDirectory(folders[0]).rows()
    SweepDirectory(folders[1]).append([row | {"seconds": 2.0, "lanes": 4}])
    assert len(merged([read(path) for path in folders])[1]) == len(whole.jobs)
    (row, *_) = SweepDirectory(folders[1]).rows()
    SweepDirectory(folders[2]).append([row | {"sw2": row["sw2"] + 1e-12}])
    line = refusal(folders, tmp_path)
    assert f"s2 and {folders[2]} have different rows of the same GAN, collapse lr_d {row['lr_d']} seed" in line


def test_a_merge_says_what_is_missing(whole, folders, tmp_path):
    second = len(jobs_of(whole, Shard(2, 3)))
    (folders[2] / "rows.jsonl").write_text("")
    third = len(jobs_of(whole, Shard(3, 3)))
    line = refusal([folders[0], folders[2]], tmp_path)
    assert f"missing are {second + third} of 40 rows: {second} of shard 2/3 (not among the folders), " in line
    assert f"{third} of shard 3/3 ({folders[2]}); go on with these shards" in line
    change(folders[2], shard=None)
    line = refusal([folders[0], folders[2]], tmp_path)
    assert "rows: collapse lr_d 0.0" in line and f", and {second + third - 4} more; make them with" in line


def test_a_merge_refuses_a_folder_that_is_taken(folders, tmp_path):
    (tmp_path / "merged").mkdir()
    (tmp_path / "merged" / "notes").write_text("x")
    with pytest.raises(ValueError, match="merged is not empty: choose another --out$"):
        merge(folders, tmp_path / "merged")
    with pytest.raises(ValueError, match="lies in .*s1, which a merge leaves as it is"):
        merge(folders, folders[0])
    (folders[0] / "sweep.json").write_text("{")
    with pytest.raises(ValueError, match="sweep.json is not as gandyn wrote it: it is not JSON"):
        merge(folders, tmp_path / "other")
