"""The laboratory: `panel serve apps/dynamics.py`."""

from gandyn.ui.app import laboratory

laboratory().servable(title="gandyn")
