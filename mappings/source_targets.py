"""Where in FHIR a mapping table puts each field, for people to read.

Source: INTERFACES, `mappings try` (what each field became).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from mappings.located_yaml import read
from mappings.tables import FOLDER


def targets_of(table: str) -> dict[str, list[str]]:
    """Return the FHIR paths that each source path of a table goes to; groups as group/field."""
    spec = read(FOLDER / f"{table}.yaml")
    fragments: dict[str, Any] = dict(spec.get("fragments") or {})
    for name in spec.get("include") or []:
        fragments |= read(FOLDER / "sol" / f"{name}.yaml").get("fragments") or {}
    found: dict[str, list[str]] = {}
    for resource in spec["resources"]:
        base = str(resource.get("for_each", "."))
        for source, target in _rules(resource["fields"], base, resource["type"], fragments):
            places = found.setdefault(source, [])
            if target not in places:
                places.append(target)
    return found


def _rules(
    rules: list[Any], base: str, at: str, fragments: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    for rule in rules:
        written = rule.get("from", ".")
        sources = written if isinstance(written, list) else [written]
        if "use" in rule:
            yield from _rules(fragments[rule["use"]], _at(base, sources[0]), at, fragments)
            continue
        target = f"{at}.{rule['to']}"
        if "fields" in rule:
            yield from _rules(rule["fields"], _at(base, sources[0]), target, fragments)
        elif "from" in rule:
            for source in sources:
                yield _at(base, source), target


def _at(base: str, path: str) -> str:
    if path.startswith("/"):
        return path[1:]
    if base == ".":
        return path
    return base if path == "." else f"{base}/{path}"
