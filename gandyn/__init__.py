"""gandyn: watch a generative adversarial network learn, and fail, live.

The public menu. Everything is loaded on first use, so `import gandyn` brings in neither torch nor panel.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "gandyn.core.types": (
        "Batch",
        "Game",
        "Knobs",
        "Latent",
        "Metrics",
        "Net",
        "Objective",
        "Optimizer",
        "Penalty",
        "Rule",
        "State",
    ),
    "gandyn.core.experiment": ("Experiment",),
    "gandyn.core.nets": ("mlp",),
    "gandyn.core.conv": ("conv_critic", "conv_generator", "layered"),
    "gandyn.core.optimizers.adam": ("adam", "adam_tf"),
    "gandyn.core.optimizers.rmsprop": ("rmsprop", "rmsprop_tf"),
    "gandyn.core.optimizers.sgd": ("sgd",),
    "gandyn.core.play": ("draw_batches", "init"),
    "gandyn.core.rng": ("Rng",),
    "gandyn.core.engine": ("play", "step"),
    "gandyn.core.target": ("Mixture", "Target"),
    "gandyn.probes.measures": ("measure",),
    "gandyn.presets": ("preset",),
    "gandyn.live.replay": ("replay",),
    "gandyn.live.run": ("Run",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}
_REGISTRIES = {name: f"gandyn.core.{name}" for name in ("objectives", "penalties", "optimizers", "update_rules")}
_REGISTRIES["measures"] = "gandyn.probes.sample_measures"
_ROOMS = ("presets", "probes", "targets")  # packages that are called like functions: gandyn.targets()
__all__ = [*_HOME, *_REGISTRIES, *_ROOMS, "__version__", "step_reference"]  # pyright: ignore[reportUnsupportedDunderAll]  computed


def __getattr__(name: str) -> Any:
    if name == "step_reference":  # the autograd engine by name
        return import_module("gandyn.core.dynamics").step
    if name in _ROOMS:
        return import_module(f"gandyn.{name}")
    if name in _REGISTRIES:
        return import_module(_REGISTRIES[name])
    if name not in _HOME:
        raise AttributeError(f"module 'gandyn' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
