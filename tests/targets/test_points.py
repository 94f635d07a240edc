"""Points of one's own: the text that carries them, the files that hold them, and what is drawn of them."""

import io
import pickle

import numpy as np
import pytest
import torch

import gandyn
from gandyn.core.rng import Rng
from gandyn.records.config import from_config, to_config
from gandyn.targets import point_files, point_text, points
from gandyn.targets.point_tables import ROWS, table
from gandyn.targets.points import Points

SQUARE = np.array([[1.0, 1], [-1, 1], [-1, -1], [1, -1]])
RANDOM = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def own_store(tmp_path, monkeypatch):
    monkeypatch.setenv("GANDYN_POINTS", str(tmp_path / "store"))


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "square.csv"
    path.write_text("x,y\n1,1\n-1,1\n-1,-1\n1,-1\n")
    return path


def npy(array: np.ndarray, **how) -> bytes:
    file = io.BytesIO()
    np.save(file, array, **how)
    return file.getvalue()


# -- the text


@pytest.mark.parametrize(
    "points",
    [
        RANDOM.normal(size=(4000, 2)), RANDOM.uniform(-3, 3, (2000, 2)), RANDOM.normal(size=(300, 2)) * 5 + [170, 60],
        np.array([[2.0, 2]]), np.full((3, 2), 1e5), np.array([[1e6, -1e6], [-1e6, 1e6]]), np.zeros((5, 2)),
        RANDOM.normal(size=(50, 2)) * 1e-4,
    ],
)  # fmt: skip
def test_a_text_keeps_three_digits_of_the_extent(points):
    text = point_text.encode(points)
    back = point_text.decode(text)
    assert len(back) == len(points) and len(text) <= 3 * len(points) + 30
    reach = float(text.split("~")[0].split(",")[2])
    assert reach <= 1.011 * max(np.abs(points).max(), 1e-9) or len(np.unique(points, axis=0)) == 1
    for axis in (0, 1):
        assert np.abs(np.sort(back[:, axis]) - np.sort(points[:, axis])).max() <= reach / (point_text.SIDE - 1) * 1.01
    again = point_text.decode(point_text.encode(back))  # a text is kept as it is: nothing is lost by writing it anew
    assert np.allclose(again, back, atol=1e-12 * reach)


def test_the_text_by_the_letter():
    """Cells from the lower left, row by row, 1023 across; five bits a character, the lowest first."""
    number = 1022 * 1023 + 1022  # (1, 1) is in the last cell
    digits = ""
    while number >= 32:
        digits += point_text.ALPHABET[number % 32 + 32]
        number //= 32
    text = "0,0,1~" + "A" + digits + point_text.ALPHABET[number]
    assert point_text.encode(np.array([[1.0, 1], [-1, -1]])) == text
    assert point_text.decode("0,0,3~A").tolist() == [[-3, -3]]
    assert point_text.decode("0,0,3~AAB").tolist() == pytest.approx(np.array([[-3, -3]] * 2 + [[-3 + 3 / 511, -3]]))
    assert point_text.decode("1,2,3~" + "A" * 4000).shape == (4000, 2)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "must be a text as"), ("1,2", "must be a text as"), ("0,0,3~", "must be a text as"),
        ("0,0,3~ä", "must be a text as"), ("0,0,0~A", "R > 0"), ("0,nan,1~A", "R > 0"), ("0,x,1~A", "R > 0"),
        ("0,0,1~g", "is cut short"), ("0,0,1~____A", "names a cell"), ("0,0,1~gggggggggggggggA", "names a cell"),
        ("0,0,1~" + "A" * 4001, "holds 4,001 points"),
    ],
)  # fmt: skip
def test_a_bad_text_is_refused_in_one_line(text, line):
    with pytest.raises(ValueError, match=line) as refused:
        point_text.decode(text)
    assert "\n" not in str(refused.value)


# -- files


@pytest.mark.parametrize(
    "raw",
    [
        b"1,1\n-1,1\n-1,-1\n1,-1", b"x,y\r\n1,1\r\n-1,1\r\n-1,-1\r\n1,-1\r\n", b"1 1\n-1   1\n-1 -1\n1 -1\n",
        b"1.0;1,0\n-1;1\n-1;-1\n1;-1\n", b"# mine\n1\t1\n\n-1\t1 # left\n-1\t-1\n1\t-1\n",
        b'\xef\xbb\xbf"a","b"\n"1","1"\n-1,1\n-1,-1\n1,-1\n', npy(SQUARE), npy(SQUARE.astype(np.int16)),
        npy(SQUARE.astype(np.float16)), npy(np.asfortranarray(SQUARE)), npy(SQUARE.astype(">f4")),
    ],
)  # fmt: skip
def test_the_same_points_in_many_forms(raw):
    points = table(raw, "it")
    assert points.dtype == np.float64 and points.tolist() == SQUARE.tolist()


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (b"", "it holds no points"), (b"x,y\n", "it holds no points"), (b"1,2,3\n", "line 1 has 3$"),
        (b"1,2\n3\n", "line 2 has 1"), (b"a,b\n1,2\n3,x\n", "it holds 'x' in line 3, which is no number"),
        (b"1,2\n3,nan\n", "not finite: 1, the first is number 2"), (b"1,2\ninf,1\n", "not finite"),
        (b"1e400,1\n1,2\n", "not finite: 1, the first is number 1"),
        (b"1,1e9", "beyond 1e\\+06, in point number 1"), (b"\xff\xfe1", "neither NPY nor CSV"),
        (b"PK\x03\x04\0\0", "neither CSV nor NPY"), (b"0,0\n" * (ROWS + 1), "has 1,000,001 rows, and at most"),
        (b"\n" * (2 * ROWS + 1), "lines"), (npy(np.zeros((3, 3))), r"its shape is \[3, 3\]"),
        (npy(np.zeros(4)), r"its shape is \[4\]"), (npy(SQUARE.astype(object)), "real numbers, not objects"),
        (npy(SQUARE * 1j), "real numbers, not complex128"), (npy(SQUARE)[:-1], "is damaged: 63 bytes of 64"),
        (b"\x93NUMPY\x01\x00v\x00nonsense", "is damaged"),
        (npy(SQUARE).replace(b"'<f8'", b"('f8',)"), "is damaged"), (npy(np.full((2, 2), np.nan)), "not finite: 2"),
        (npy(np.zeros((10**6 + 1, 2), np.int8)), "has 1,000,001 rows"),
    ],
)  # fmt: skip
def test_what_is_no_table_of_points_is_refused_in_one_line(raw, line):
    with pytest.raises(ValueError, match=line) as refused:
        table(raw, "it")
    assert str(refused.value).startswith("it ") and "\n" not in str(refused.value)


def test_nothing_is_unpickled():
    class Trap:
        def __reduce__(self):
            return pytest.fail, ("it was unpickled",)

    for raw in (pickle.dumps(Trap()), npy(np.array([[Trap(), Trap()]], dtype=object), allow_pickle=True)):
        with pytest.raises(ValueError, match="it "):
            table(raw, "it")


def test_a_header_that_promises_too_much_allocates_nothing():
    head = npy(np.zeros((1, 2))).replace(b"(1, 2)", b"(999999, 2)"[:6])
    with pytest.raises(ValueError, match="it "):
        table(head, "it")


# -- the target


def test_samples_are_the_points_each_as_likely(file):
    x = Points(file=str(file)).draw(40_000, Rng(3))
    places, counts = x.unique(dim=0, return_counts=True)
    assert sorted(places.tolist()) == sorted(SQUARE.tolist())
    assert all(abs(int(count) - 10_000) < 5 * (40_000 * 3 / 16) ** 0.5 for count in counts)


def test_noise_is_gaussian_around_the_same_points(file):
    plain, noisy = (Points(file=str(file), sigma=sigma).draw(20_000, Rng(3)) for sigma in (0.0, 0.1))
    rest = (noisy - plain).double()
    assert float(rest.std()) == pytest.approx(0.1, rel=0.02) and abs(float(rest.mean())) < 5 * 0.1 / 40_000**0.5


def test_lanes_and_steps_draw_as_one_by_one():
    target = Points(sigma=0.1)
    both = target.draw_at(5, gandyn.core.rng.Places(np.array([[1], [2]]), np.array([[7, 8, 9]])))
    assert both.shape == (2, 3, 5, 2)
    assert torch.equal(both[1, 2], target.draw(5, Rng(2, 9)))


def test_standard_is_mean_0_and_the_larger_standard_deviation_1():
    text = point_text.encode(RANDOM.normal(size=(2000, 2)) * [3, 1] + [100, 50])
    places = Points(points=text, scale="standard").places.double()
    assert places.mean(0).tolist() == pytest.approx([0, 0], abs=1e-5)
    assert places.std(0, correction=0).tolist() == pytest.approx([1, 1 / 3], rel=0.05)
    assert Points(points=point_text.encode(np.ones((3, 2))), scale="standard").places.abs().max() == 0


def test_a_file_takes_the_place_of_a_text_and_the_other_way_round(file):
    drawn = Points().replace(points="0,0,2~gg_P")
    of_file = drawn.replace(file=str(file))
    assert (of_file.points, len(of_file.sha256)) == ("", 64) and len(of_file.places) == 4
    assert of_file.replace(points="0,0,2~gg_P") == drawn
    assert of_file.replace(file="") == Points()
    assert of_file.replace(sigma=0.1).sha256 == of_file.sha256
    with pytest.raises(ValueError, match="are both given"):
        Points(file=str(file), points="0,0,2~gg_P")
    with pytest.raises(ValueError, match="that of a file"):
        Points(sha256="0" * 64)


def test_a_target_keeps_its_points_when_the_file_changes_and_another_one_is_refused(file):
    file.write_text("1,-1\n-1,1\n1,0.875\n")  # which no other test has, so that nobody else holds them
    target = Points(file=str(file))
    config = to_config(gandyn.preset("collapse").replace(target=target))
    file.write_text("5,5\n")
    assert target.draw(10, Rng(0)).abs().max() == 1 and target.replace(sigma=0.1).places.abs().max() == 1
    assert pickle.loads(pickle.dumps(target)).places.abs().max() == 1
    assert from_config(config).target == target  # its points are still in memory
    del target
    points._on.cache_clear()
    points._scaled.cache_clear()
    with pytest.raises(ValueError, match=r"is not the file of this run: its sha256 is .*; name that file") as refused:
        from_config(config)
    assert "\n" not in str(refused.value)
    file.unlink()
    with pytest.raises(ValueError, match="cannot be read"):
        from_config(config)


def test_a_store_has_files_by_their_hash_alone(file):
    sha256 = point_files.keep(file.read_bytes())
    assert point_files.keep(file.read_bytes()) == sha256
    assert [one.name for one in point_files.folder().iterdir()] == [sha256]
    with point_files.stored_only():
        assert len(Points(file="anything.csv", sha256=sha256).places) == 4
        for name in (str(file), "/etc/passwd"):
            with pytest.raises(ValueError, match="was not given to this server"):
                Points(file=name)
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        Points(file="a", sha256="../../etc/passwd")
    assert len(Points(file=str(file)).places) == 4  # outside of a page


def test_a_full_store_says_so(file, monkeypatch):
    monkeypatch.setattr(point_files, "ROOM", 10)
    with pytest.raises(ValueError, match="delete some there"):
        point_files.keep(file.read_bytes())


@pytest.mark.parametrize(
    ("name", "line"), [("/dev/zero", "is no file"), ("nowhere.csv", "cannot be read"), ("\0", "cannot")]
)
def test_no_file_is_an_error_of_one_line(name, line):
    with pytest.raises(ValueError, match=line):
        Points(file=name)
