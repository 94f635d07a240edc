"""A movie of pictures: animated WebP or GIF; MP4 with the extra `video`."""

from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from gandyn.core import checks
from gandyn.records.disk import write_picture

RATE = 15  # frames a second
HOLD = 1500  # ms that the last frame stays
SUFFIXES = (".webp", ".gif", ".mp4")
COLOURS = 32  # of a drawing: a few hues, greys, and what lies between at the edges
CAPTION = 18  # px
Each = Callable[[int, int], object]  # (the number of a picture, of how many); may raise to end the work


def check(path: Path) -> str:
    """The suffix of a movie's path; ValueError with one line for another one, without its folder or MP4's extra."""
    suffix = checks.choice("the suffix of a movie", path.suffix.lower(), SUFFIXES)
    if not path.parent.is_dir():
        raise ValueError(f"{path} cannot be written: there is no folder {path.parent}; make it, or choose another")
    if suffix == ".mp4":
        try:
            import_module("imageio_ffmpeg")
        except ImportError:
            raise ValueError("MP4 needs the extra video (pip install 'gandyn[video]'); .webp and .gif do not") from None
    return suffix


def film(pictures: Iterable[Image.Image], path: Path, each: Each = lambda i, of: None) -> None:
    """Write pictures of one size as a movie that plays RATE frames a second, for ever, and rests on the last one.

    The suffix of the path says how: .webp, .gif, or .mp4 (which does not repeat). RGB pictures are drawings: COLOURS of
    their colours are kept, without loss. Grey ones ("L") are photographs, which WebP compresses as such; a GIF has
    COLOURS colours or greys in any case. Pillow writes a picture that equals the one before it as a longer showing of
    that one, so a file may hold fewer frames. `each` is called as each of them is encoded: what it raises ends that.
    Raises ValueError with one line for no pictures, and what `check` raises.
    """
    suffix = check(path)
    frames = list(pictures)
    if not frames:
        raise ValueError(f"{path} would be a movie without a picture")
    if suffix == ".mp4":
        _video(frames, path, each)
        return
    drawing = frames[0].mode == "RGB"
    if drawing or suffix == ".gif":
        frames = _few_colours([picture.convert("RGB") for picture in frames], lambda: each(0, len(frames)))
    if suffix == ".gif":
        how = {"optimize": False}
    elif drawing:
        frames, how = [picture.convert("RGB") for picture in frames], {"lossless": True, "quality": 20, "method": 2}
    else:
        how = {"quality": 70, "method": 3}
    durations = [1000 // RATE] * (len(frames) - 1) + [HOLD]
    for i, picture in enumerate(frames):
        _watch(picture, lambda i=i: each(i, len(frames)))
    try:
        write_picture(path, frames[0], save_all=True, append_images=frames[1:], duration=durations, loop=0, **how)
    finally:
        for picture in frames:
            del picture.seek  # the plain one is there again: they may be the caller's


def _watch(picture: Image.Image, begins: Callable[[], object]) -> None:
    """Have `begins` called when Pillow comes to this picture of a movie, of which it asks first for its first frame."""
    plain = picture.seek

    def seek(frame: int) -> Any:
        begins()
        return plain(frame)

    picture.seek = seek


def _few_colours(frames: list[Image.Image], each: Callable[[], object]) -> list[Image.Image]:
    """One palette for all, from the first, the middle and the last picture: colours do not flicker, white is white."""
    sample = np.vstack([np.asarray(frames[i]) for i in (0, len(frames) // 2, -1)])
    palette = Image.fromarray(sample).quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    drawn = []
    for picture in frames:
        each()
        drawn.append(picture.quantize(palette=palette, dither=Image.Dither.NONE))
    return drawn


def _video(frames: list[Image.Image], path: Path, each: Each) -> None:
    imageio = import_module("imageio.v2")

    width, height = (side + side % 2 for side in frames[0].size)  # H.264 halves the resolution of colour
    try:
        with imageio.get_writer(path, fps=RATE, codec="libx264", quality=6, macro_block_size=2) as writer:
            for i, picture in enumerate(frames + frames[-1:] * (RATE * HOLD // 1000)):
                each(min(i, len(frames) - 1), len(frames))
                writer.append_data(np.asarray(picture.convert("RGB").crop((0, 0, width, height))))
    except OSError:  # its text is a broken pipe and the whole command of ffmpeg
        raise OSError(f"{path} cannot be written: ffmpeg ended early; is there space on the disk?") from None


def captioned(picture: Image.Image, text: str) -> Image.Image:
    """The picture under a band of CAPTION px that bears the text, white on black; grey ("L") or RGB as it is."""
    framed = Image.new(picture.mode, (picture.width, picture.height + CAPTION))
    framed.paste(picture, (0, CAPTION))
    white = 255 if picture.mode == "L" else "white"
    ImageDraw.Draw(framed).text((4, CAPTION / 2), text, white, ImageFont.load_default(12), "lm")
    return framed
