"""A sheet: a grid of grey images."""

import math

import numpy as np
from PIL import Image
from torch import Tensor

from gandyn.core import checks

BLACK = {"unit": 0.0, "signed": -1.0}  # by the target's scale; white is 1
GROUND = 128  # grey level between the images, so that black ones and white ones keep their edges


def sheet(
    images: Tensor | np.ndarray, columns: int | None = None, *, scale: str = "unit", zoom: int = 2, gap: int = 2
) -> Image.Image:
    """Images [n, 1, s, s] or [n, s * s] in reading order, `columns` a row, as a grey picture ("L").

    columns: default, the least that makes the sheet no taller than wide. scale: unit, black is 0 and white 1; signed,
    black is -1. Values outside are cut off, NaN is black. zoom: screen pixels across one pixel. gap: screen pixels
    between images and around them. Image i has its upper left corner at x = gap + (i % columns) (zoom s + gap), y
    likewise by i // columns.
    """
    grey = _levels(images, BLACK[checks.choice("scale", scale, list(BLACK))]).repeat(zoom, 1).repeat(zoom, 2)
    n, side, _ = grey.shape
    columns = columns or math.ceil(math.sqrt(n))
    rows, pitch = math.ceil(n / columns), side + gap
    canvas = np.full((rows * pitch + gap, columns * pitch + gap), GROUND, np.uint8)
    for i, image in enumerate(grey):
        top, left = gap + i // columns * pitch, gap + i % columns * pitch
        canvas[top : top + side, left : left + side] = image
    return Image.fromarray(canvas)


def _levels(images: Tensor | np.ndarray, black: float) -> np.ndarray:
    """The grey levels uint8 [n, s, s] of images in [black, 1]."""
    plain = images.detach().cpu().numpy() if isinstance(images, Tensor) else np.asarray(images)
    shape, side = plain.shape, math.isqrt(plain[0].size) if len(plain) else 0
    if shape[1:] not in ((1, side, side), (side * side,)):
        raise ValueError(f"a sheet shows images [n, 1, s, s] or [n, s * s], n > 0, not {list(shape)}")
    unit = (plain.reshape(-1, side, side).astype(np.float64) - black) / (1 - black)
    return np.round(np.nan_to_num(unit, nan=0.0).clip(0, 1) * 255).astype(np.uint8)
