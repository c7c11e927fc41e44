"""A draft of an export in which persons, or documentation, could not be found: what is in it.

It says where what stands, so that a system manager can write the paths without reading the export.
"""

from collections.abc import Iterator

from adapters.fitted.draft.shape import Shape

_MOST = 40
_MOST_COLUMNS = 30


def skeleton(shape: Shape) -> Iterator[str]:
    """Yield the lines of a profile after its format, when nobody was found."""
    yield "# DECIDE: no column holds person numbers in most of its rows. Persons may stand among"
    yield "# rows of several kinds (each: \"rader[@typ='person']\"), or their number in two columns"
    yield '# (number: {join: ["@fodd", "@sista"], with: "-"}).'
    yield from places(shape)
    yield from (
        "",
        "every:",
        "  owner: {value: OWNER}  # DECIDE",
        "  unit: {value: OWNER}  # DECIDE",
        "",
        "person:",
        "  each: DECIDE",
        '  number: "@DECIDE"',
        "",
        "records:",
        "  []  # DECIDE",
    )


def places(shape: Shape) -> Iterator[str]:
    """Yield, as comments, the places of an export and the columns of each."""
    yield "#"
    yield "# Where what stands (rows: columns):"
    named = [place for place in shape.places.values() if place.columns]
    for place in named[:_MOST]:
        columns = list(place.columns)
        more = ", …" if len(columns) > _MOST_COLUMNS else ""
        shown = ", ".join(columns[:_MOST_COLUMNS]) + more
        yield f"#   {place.path} ({len(place.rows)}): {shown}".replace("\n", " ")
    if len(named) > _MOST:
        yield f"#   … and {len(named) - _MOST} more places"
