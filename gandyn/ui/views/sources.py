"""All sources of a page: what its views declare, each source once."""

from gandyn.live.curves import AHEAD
from gandyn.ui.views import VIEWS, Source, View
from gandyn.ui.views.series import MARKED


def sources() -> dict[str, Source]:
    """The sources of all views by name, with all columns that are drawn. Raises ValueError for a contradiction."""
    merged: dict[str, Source] = {}
    for view in VIEWS.values():
        for source in (*view.sources, *(along_steps(view))):
            known = merged.get(source.name, source)
            columns = tuple(dict.fromkeys((*known.columns, *source.columns)))
            if known._replace(columns=columns) != source._replace(columns=columns):
                raise ValueError(f"view {view.name!r} declares source {source.name!r} unlike another view")
            merged[source.name] = known._replace(columns=columns)
    return merged


def along_steps(view: View) -> list[Source]:
    """What a view along the steps has beside what it declares: marks, and what is kept beyond the present."""
    if not view.series:
        return []
    ahead = [source._replace(name=source.name + AHEAD) for source in view.sources if source.brought_by == "series"]
    return [*MARKED, *ahead]
