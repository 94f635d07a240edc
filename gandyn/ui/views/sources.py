"""All sources of a page: what its views declare, each source once."""

from gandyn.ui.views import VIEWS, Source
from gandyn.ui.views.series import MARKED


def sources() -> dict[str, Source]:
    """The sources of all views by name, with all columns that are drawn. Raises ValueError for a contradiction."""
    merged: dict[str, Source] = {}
    for view in VIEWS.values():
        for source in (*view.sources, *(MARKED if view.series else ())):
            known = merged.get(source.name, source)
            columns = tuple(dict.fromkeys((*known.columns, *source.columns)))
            if known._replace(columns=columns) != source._replace(columns=columns):
                raise ValueError(f"view {view.name!r} declares source {source.name!r} unlike another view")
            merged[source.name] = known._replace(columns=columns)
    return merged
