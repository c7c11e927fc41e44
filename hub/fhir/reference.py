"""What a reference points to, read from its text, and whether it may stand where it does.

Source: FHIR R4 references.html. A target is never fetched: its type is what the reference says, in
its URL, in `type`, or in the contained resource that it names.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from hub.fhir.shape import resource_types

_RELATIVE = re.compile(
    r"([A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?(?:#[^\s]*)?"
)
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s]+")
_TYPE_AT_END = re.compile(
    r"https?://[^\s]*/([A-Za-z]+)/[A-Za-z0-9\-.]{1,64}(?:/_history/[A-Za-z0-9\-.]{1,64})?"
)
_CONDITIONAL = re.compile(r"([A-Za-z]+)\?[^\s]+")


def within(written: str, roots: Sequence[str]) -> str | None:
    """Return an absolute reference to a server at one of `roots` as a relative one, else None."""
    for root in roots:
        rest = written.removeprefix(root)
        found = _RELATIVE.fullmatch(rest) if rest != written else None
        if found is not None and found[1] in resource_types():
            return rest
    return None


def wrong_in_reference(
    value: Mapping[str, Any],
    targets: frozenset[str],
    contained: Mapping[str, str],
    container: str,
    *,
    conditional: bool,
) -> tuple[str, str] | None:
    """Return what is wrong with a reference, as a rule and a text, or None.

    `targets` are the types that the element may refer to, none when it may refer to all;
    `contained` the contained resources by id, in a resource of type `container`; `conditional`
    whether a search may stand in place of an id, as it may in a transaction.
    """
    said = value.get("type")
    written = value.get("reference")
    if written is None:
        found = said if said in resource_types() else None
    else:
        found = _type_of(written, contained, container, conditional=conditional)
        if found is None:
            return "reference", (
                "must be Type/id, an absolute URL, or # and the id of a contained resource"
            )
    if found and said in resource_types() and found != said:
        return "reference", f"says {said} in type and refers to another type"
    if found and targets and found not in targets:
        return "reference-target", f"must refer to {', '.join(sorted(targets))}"
    return None


def _type_of(
    written: str, contained: Mapping[str, str], container: str, *, conditional: bool
) -> str | None:
    """The type that a reference's text names: "" when it names none, None when it is malformed."""
    if written.startswith("#"):
        return container if written == "#" else contained.get(written[1:])
    relative = _RELATIVE.fullmatch(written)
    if relative is None and conditional:
        relative = _CONDITIONAL.fullmatch(written)
    if relative is not None:
        return relative[1] if relative[1] in resource_types() else None
    if _ABSOLUTE.fullmatch(written) is None:
        return None
    absolute = _TYPE_AT_END.fullmatch(written)
    return absolute[1] if absolute and absolute[1] in resource_types() else ""
