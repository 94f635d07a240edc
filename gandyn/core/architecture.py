"""Networks as plain data, JSON-able, and back: the same initial weights and the same function, bit for bit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gandyn.core import conv_layers
from gandyn.core.conv import layered
from gandyn.core.conv_layers import Law, Layer
from gandyn.core.net import Net
from gandyn.core.nets import mlp
from gandyn.core.registry import brief

LAYERS: dict[str, Any] = {
    "linear": conv_layers.Linear,
    "convolution": conv_layers.Conv,
    "transposed convolution": conv_layers.ConvTranspose,
    "activation": conv_layers.Activation,
    "reshape": conv_layers.Reshape,
    "flatten": conv_layers.Flatten,
}
NAMES = {kind: name for name, kind in LAYERS.items()}


def describe(net: Net) -> dict[str, Any] | None:
    """The network as data: a perceptron's sizes, activation and initialiser, or its inputs and layers.

    None for a network that is neither: a function of somebody's own.
    """
    if "layers" in net.spec:
        return {"inputs": list(net.inputs or ()), "layers": [_layer(layer) for layer in net.spec["layers"]]}
    if net.perceptron is None:
        return None
    return {
        "sizes": list(net.perceptron.sizes),
        **{name: value for name, value in net.spec.items() if name != "widths"},
    }


def _layer(layer: Layer) -> dict[str, Any]:
    fields = {name: _plain(value) for name, value in layer._asdict().items()}
    return {"layer": NAMES[type(layer)], **fields}


def _plain(value: Any) -> Any:
    if isinstance(value, Law):
        return dict(value._asdict())
    return list(value) if isinstance(value, tuple) else value


def build(data: Mapping[str, Any]) -> Net:
    """The network of a description that `describe` gave; ValueError with one line for data that are of none."""
    try:
        if "layers" in data:
            return layered(tuple(data["inputs"]), [_built(layer) for layer in data["layers"]])
        rest = {name: value for name, value in data.items() if name not in ("sizes", "activation", "init")}
        return mlp(data["sizes"], data["activation"], data["init"], **rest)
    except KeyError as missing:
        raise ValueError(f"a network's description lacks {missing}: {brief(dict(data))}") from None
    except (TypeError, AttributeError) as error:
        raise ValueError(f"{brief(data)} describes no network ({brief(str(error))})") from None


def _built(data: Mapping[str, Any]) -> Layer:
    kind = LAYERS.get(data["layer"])
    if kind is None:
        raise ValueError(f"layer {brief(data['layer'])} is unknown (one of: {', '.join(LAYERS)})")
    fields = {name: _value(value) for name, value in data.items() if name != "layer"}
    return kind(**fields)


def _value(value: Any) -> Any:
    """A law from its numbers, a shape from a list."""
    if isinstance(value, Mapping):
        return Law(**value)
    return tuple(value) if isinstance(value, list) else value
