"""What the kernels are compiled for: the processor's instructions, and the shape of a tile of registers."""

from __future__ import annotations

import platform
from typing import Any

import llvmlite.binding as llvm
from numba.core import config as _config

config: Any = _config  # its settings are attributes that it makes at import
WIDE = ("avx512", "icelake", "sapphirerapids", "graniterapids", "znver4", "znver5", "rocketlake", "tigerlake")


def _features() -> str:
    """LLVM's list of features: the host's with 512-bit registers in use, or those of the processor that was named."""
    if config.CPU_FEATURES is not None:
        return config.CPU_FEATURES
    if config.CPU_NAME is not None:
        return ""
    return llvm.get_host_cpu_features().flatten() + ",-prefer-256-bit"


def _instructions() -> str:
    """The vector instructions by name: avx512, avx2, neon, or the machine's own name."""
    if platform.machine().lower() in ("arm64", "aarch64"):
        return "neon"
    name = config.CPU_NAME or ""
    if "+avx512f" in config.CPU_FEATURES or any(part in name for part in WIDE):
        return "avx512"
    return "avx2" if "+avx2" in config.CPU_FEATURES or name else platform.machine().lower()


config.CPU_FEATURES = _features()
INSTRUCTIONS = _instructions()
# six rows of sums fill the registers: 24 of 32 with AVX-512, 12 of 16 with AVX2, 24 of 32 with NEON
TILE_VECTORS = 4 if INSTRUCTIONS == "avx512" else 1
