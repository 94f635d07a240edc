"""The random numbers of a run: Philox4x32-10 words, uniform and normal numbers, the same on every engine and device."""

from gandyn.core.rng.formulas import NAME
from gandyn.core.rng.places import Places, permutation
from gandyn.core.rng.rng import MAX_PLACE, MAX_SEED, Rng, as_rng
from gandyn.core.rng.streams import STREAMS

__all__ = ["MAX_PLACE", "MAX_SEED", "NAME", "STREAMS", "Places", "Rng", "as_rng", "permutation"]
