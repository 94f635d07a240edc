"""HoloViews' elements with their types, which its own `opts` loses."""

from typing import Any, TypeVar

import holoviews as hv

E = TypeVar("E", bound=hv.Element | hv.Overlay)


def styled(element: E, **options: Any) -> E:
    """The element itself, under these options of HoloViews."""
    element.opts(**options)
    return element
