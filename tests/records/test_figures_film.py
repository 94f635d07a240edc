"""Movies: the files."""

import sys

import numpy as np
import pytest
from PIL import Image, ImageSequence

from gandyn.records.figures.film import CAPTION, HOLD, RATE, captioned, film
from gandyn.records.figures.scatter import frames


def pictures(count: int, mode: str = "RGB", size: tuple[int, int] = (64, 48)) -> list[Image.Image]:
    """White, with a square that moves."""
    drawn = []
    for i in range(count):
        picture = Image.new(mode, size, "white")
        picture.paste(0 if mode == "L" else "#D55E00", (4 * i, 8, 4 * i + 12, 20))
        drawn.append(picture)
    return drawn


@pytest.mark.parametrize("suffix", [".webp", ".gif"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_movie_holds_every_picture_and_rests_on_the_last(tmp_path, suffix, mode):
    frames = pictures(6, mode)
    path = tmp_path / f"movie{suffix}"
    film(iter(frames), path)
    with Image.open(path) as movie:
        assert (movie.n_frames, movie.size, movie.info["loop"]) == (6, (64, 48), 0)
        for i, frame in enumerate(ImageSequence.Iterator(movie)):
            difference = np.abs(np.asarray(frame.convert("RGB")).astype(int) - np.asarray(frames[i].convert("RGB")))
            assert difference.max() <= (0 if (mode, suffix) == ("RGB", ".webp") else 24)
            assert difference[40:].max() <= 2  # the ground stays white
            wanted = HOLD if i == 5 else 1000 // RATE
            assert frame.info["duration"] == pytest.approx(wanted, abs=10)  # a GIF counts hundredths of a second


@pytest.mark.parametrize("suffix", [".webp", ".gif"])
def test_a_drawing_keeps_its_white_and_its_hues(tmp_path, suffix):
    cloud = np.random.default_rng(0).normal(size=(300, 2))
    drawn = list(frames(cloud, [(0, cloud + 0.5), (1, cloud - 0.5)], 3.0))
    film(drawn, tmp_path / f"movie{suffix}")
    with Image.open(tmp_path / f"movie{suffix}") as movie:
        movie.seek(1)
        decoded, wanted = np.asarray(movie.convert("RGB")).astype(int), np.asarray(drawn[1])
    assert (decoded[(wanted == 255).all(2)] == 255).all()
    assert np.abs(decoded - wanted).mean() < 1


def test_one_picture_is_a_movie(tmp_path):
    film(pictures(1), tmp_path / "one.webp")
    with Image.open(tmp_path / "one.webp") as movie:
        assert movie.size == (64, 48)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # imageio's reader leaves pipes open
@pytest.mark.parametrize("size", [(64, 48), (63, 47)])
def test_mp4_is_written_where_its_extra_is_there(tmp_path, size):
    pytest.importorskip("imageio_ffmpeg")
    from imageio import v2 as imageio

    film(pictures(5, size=size), tmp_path / "movie.mp4")
    with imageio.get_reader(tmp_path / "movie.mp4") as movie:
        frames = list(movie.iter_data())
    assert frames[0].shape == (48, 64, 3)
    assert len(frames) == 5 + RATE * HOLD // 1000
    red, _, blue = frames[0][14, 6].astype(int)
    assert red - blue > 120


def test_mp4_without_its_extra_names_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(ValueError, match=r"extra video \(pip install 'gandyn\[video\]'\)"):
        film(pictures(2), tmp_path / "movie.mp4")
    assert not (tmp_path / "movie.mp4").exists()


@pytest.mark.parametrize("name", ["movie.avi", "movie"])
def test_another_suffix_is_answered_with_those_that_there_are(tmp_path, name):
    with pytest.raises(ValueError, match=r"\.webp, \.gif, \.mp4") as caught:
        film(pictures(2), tmp_path / name)
    assert "\n" not in str(caught.value)


def test_a_movie_without_pictures_is_refused(tmp_path):
    with pytest.raises(ValueError, match="without a picture"):
        film([], tmp_path / "movie.gif")


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_caption_stands_above_the_picture(mode):
    picture = pictures(1, mode, (90, 30))[0]
    whole = captioned(picture, "step 12,000")
    assert (whole.mode, whole.size) == (mode, (90, 30 + CAPTION))
    assert whole.crop((0, CAPTION, 90, 30 + CAPTION)) == picture
    band = np.asarray(whole.convert("L"))[:CAPTION]
    assert band.max() > 200
    assert band[:, -4:].max() == band[[0, -1]].max() == 0  # the text has room around it


@pytest.mark.parametrize("name", ["movie.webp", "movie.gif", "movie.mp4"])
def test_what_is_raised_at_a_picture_ends_the_encoding(tmp_path, name):
    if name.endswith("4"):
        pytest.importorskip("imageio_ffmpeg")
    seen, drawn = [], pictures(6, "L")

    def each(i: int, of: int) -> None:
        seen.append((i, of))
        if i == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        film(drawn, tmp_path / name, each)
    assert set(seen) == {(i, 6) for i in range(4)}
    if not name.endswith("4"):
        assert list(tmp_path.iterdir()) == []
    assert all("seek" not in vars(picture) for picture in drawn)
