"""The nearest training images of generated ones: does the generator remember, or make new ones?"""

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor
from torch.nn import functional as F

NEAREST = 5
GAP = 8  # black pixels between the parts of a row
ZOOM = 2  # screen pixels to a pixel
PIECE = 5_000  # points of the pool at a time: 31 MB as images in float64
CAPTION = 20  # screen pixels above the rows


def nearest(x: Tensor, pool: Tensor, k: int = NEAREST) -> Tensor:
    """[n, k]: the numbers of the k points of pool [m, d] that are nearest to each of x [n, d], the nearest first."""
    pieces = torch.cat([torch.cdist(x.double(), rows.double()) for rows in pool.split(PIECE)], 1)
    return pieces.topk(k, largest=False).indices


def row_of(images: Tensor) -> Tensor:
    """Images [k, 28, 28] side by side: [28, 28 k]."""
    return images.permute(1, 0, 2).flatten(1)


def picture(generated: Tensor, by_features: Tensor, by_pixels: Tensor) -> Image.Image:
    """A grey picture with one row for each generated image [n, 28, 28]: it, then its neighbours [n, k, 28, 28].

    Pixels in [0, 1]; first the neighbours by the classifier's features, then those by pixels.
    """
    parts = (generated[:, None], by_features, by_pixels)
    wide = torch.cat([F.pad(torch.stack([row_of(row) for row in part]), (0, GAP)) for part in parts], 2)
    rows = wide[:, :, :-GAP].flatten(0, 1)
    pixels = (rows * 255).round().to(torch.uint8).repeat_interleave(ZOOM, 0).repeat_interleave(ZOOM, 1)
    sheet = Image.fromarray(np.pad(pixels.numpy(), ((CAPTION, 0), (0, 0))))
    left = 0
    for part, title in zip(parts, ("generated", "nearest by features", "nearest by pixels"), strict=True):
        ImageDraw.Draw(sheet).text((left + 2, 4), title, fill=255)
        left += ZOOM * (28 * part.shape[1] + GAP)
    return sheet
