"""The key of the stage: the two kinds of dots, and the scale of the critic's map as the last frame had it."""

import param

from gandyn.ui.page.component import Component


class Key(Component):
    """Below the stage rather than in it: nothing covers the data, and numbers that change do not move the plot."""

    run = param.String(constant=True, doc="the id of what is on the air")
    place = param.Integer(0, constant=True, doc="which of its runs")
