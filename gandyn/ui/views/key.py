"""The key of the stage: the two kinds of dots, and the scale of the critic's map as the last frame had it."""

from pathlib import Path

from panel.custom import JSComponent


class Key(JSComponent):
    """Below the stage rather than in it: nothing covers the data, and numbers that change do not move the plot."""

    _esm = Path(__file__).parent / "key.js"
