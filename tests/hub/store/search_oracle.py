"""What FHIR says that a search finds, by brute force over the resources' JSON.

Source: FHIR R4 search.html. Values are what fhirpathpy finds by the published expressions; they are
compared by what stands here, which shares nothing with the index and its SQL: exact fractions and
aware instants, one resource at a time.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from functools import cache
from typing import Any

from fhirpathpy import apply_parsed_path
from fhirpathpy.engine.nodes import ResourceNode
from fhirpathpy.models import models
from fhirpathpy.parser import parse

from hub.fhir.definitions import table
from hub.fhir.shape import is_a
from tests.hub.store.search_oracle_values import (
    Json,
    _texts,
    _versions,
    local,
    normal,
    of_date,
    of_number,
    of_quantity,
    of_reference,
    of_string,
    of_token,
    of_uri,
    plain,
    prefix,
    span,
    split,
)


@dataclass(slots=True)
class Oracle:
    """Resources of several types, and what searches find among them."""

    resources: Sequence[Json]
    now: datetime
    _found: dict[tuple[str, str, str], list[Any]] = field(default_factory=dict)

    def ids(self, kind: str, criteria: Iterable[tuple[str, str]]) -> list[str]:
        """Return the ids of the resources of a type for which every criterion holds."""
        wanted = list(criteria)
        return sorted(
            each["id"]
            for each in self._of(kind)
            if all(self._holds(each, name, value) for name, value in wanted)
        )

    def values(self, resource: Json, code: str) -> list[Any]:
        """Return what a parameter's expression finds in a resource."""
        key = (resource["resourceType"], resource["id"], code)
        if key not in self._found:
            expression = row(resource["resourceType"], code)["expression"]
            self._found[key] = evaluated(expression, resource, resource["resourceType"])
        return self._found[key]

    def ordered(self, kind: str, code: str, *, down: bool) -> list[str]:
        """Return the ids in the order of a parameter, those without a value last, then by id."""
        how = row(kind, code)["kind"]
        first: list[tuple[Any, str]] = []
        last: list[str] = []
        for each in self._of(kind):
            ends = [
                end
                for value in self.values(each, code)
                if comparable(how, code, value)
                for end in _ends_in_order(how, value, down=down)
            ]
            if ends:
                first.append((max(ends) if down else min(ends), each["id"]))
            else:
                last.append(each["id"])
        first.sort(key=lambda each: each[1])
        first.sort(key=lambda each: each[0], reverse=down)  # stable: equals stay by id
        return [each[1] for each in first] + sorted(last)

    def _of(self, kind: str) -> Iterator[Json]:
        return (each for each in self.resources if each["resourceType"] == kind)

    def _holds(self, resource: Json, name: str, written: str) -> bool:
        values = split(written, ",")
        if name.startswith("_has:"):
            _, kind, reference, rest = name.split(":", 3)
            return any(
                self._refers(other, reference, resource) and self._holds(other, rest, written)
                for other in self._of(kind)
            )
        head, dot, rest = name.partition(".")
        code, _, modifier = head.partition(":")
        if dot:
            return any(
                self._refers(resource, code, other) and self._holds(other, rest, written)
                for other in self.resources
                if modifier in ("", other["resourceType"])
            )
        if code == "_id":
            return resource["id"] in values
        kind = row(resource["resourceType"], code)["kind"]
        if modifier == "missing":
            return bool(self._indexed(resource, code, kind)) is (written == "false")
        if kind == "composite":
            return any(self._composite(resource, code, each) for each in values)
        found = any(
            matches(kind, code, modifier, one, each, self.now)
            for one in self.values(resource, code)
            for each in values
        )
        return found is not (modifier == "not")

    def _indexed(self, resource: Json, code: str, kind: str) -> list[Any]:
        """The values that can be compared at all, as the kind needs them."""
        return [each for each in self.values(resource, code) if comparable(kind, code, each)]

    def _refers(self, resource: Json, code: str, other: Json) -> bool:
        wanted = (other["resourceType"], other["id"])
        return any(
            isinstance(each, dict) and local(each.get("reference", "")) == wanted
            for each in self.values(resource, code)
        )

    def _composite(self, resource: Json, code: str, written: str) -> bool:
        kind = resource["resourceType"]
        given = row(kind, code)
        for at, element in _elements(given["expression"], resource, kind):
            parts = zip(given["component"], split(written, "$"), strict=True)
            if all(
                any(
                    matches(row(kind, other)["kind"], other, "", value, wanted, self.now)
                    for value in evaluated(expression, element, at)
                )
                for (other, expression), wanted in parts
            ):
                return True
        return False


def row(kind: str, code: str) -> Json:
    """Return the definition of a type's parameter."""
    found: Json = next(
        rows[code]
        for base, rows in table("search_parameters").items()
        if code in rows and is_a(kind, base)
    )
    return found


def matches(kind: str, code: str, modifier: str, value: Any, wanted: str, now: datetime) -> bool:  # noqa: ANN401  # JSON, and all that decides
    """Tell whether one value is what is asked for."""
    if not comparable(kind, code, value):
        return False
    match kind:
        case "token":
            return of_token(code, modifier, value, wanted)
        case "string":
            return any(of_string(modifier, each, wanted) for each in _texts(value))
        case "date":
            return of_date(span(value), wanted, now)
        case "reference":
            return of_reference(modifier, value, wanted)
        case "uri":
            return any(of_uri(modifier, each, plain(wanted)) for each in _versions(value))
        case "number":
            return of_number(Fraction(value), Fraction(value), *prefix(wanted))
        case "quantity":
            return of_quantity(value, wanted)
    raise AssertionError(kind)


def comparable(kind: str, code: str, value: Any) -> bool:  # noqa: ANN401  # JSON
    """Tell whether a value of that JSON can be compared as the kind does."""
    if kind == "date" and isinstance(value, dict):
        repeat = value.get("repeat", {}).get("boundsPeriod", {})
        return bool({"start", "end"} & value.keys() or value.get("event") or repeat)
    if kind == "date":
        return re.match(r"\d{4}(-|$)", str(value)) is not None
    if kind == "quantity":
        return any("value" in each for each in (value, value.get("low", {}), value.get("high", {})))
    if kind == "string":
        return any(True for _ in _texts(value))
    if kind == "token" and code in ("phone", "email", "telecom"):
        return "value" in value
    if kind == "reference" and isinstance(value, dict):
        written = value.get("reference", "")
        numbered = "value" in value.get("identifier", {})
        return bool(written and not written.startswith("#")) or numbered
    return True


def _ends_in_order(kind: str, value: Any, *, down: bool) -> list[Any]:  # noqa: ANN401  # JSON
    """What a value is ordered by: its beginning upwards, its end downwards."""
    match kind:
        case "date":
            return [span(value)[1 if down else 0]]
        case "string":
            return [normal(each) for each in _texts(value)]
        case "uri":
            return _versions(value)
        case "number":
            return [Fraction(value)]
    raise AssertionError(kind)


# Tokens


def evaluated(expression: str, value: Any, at: str) -> list[Any]:  # noqa: ANN401  # JSON
    """Return what an expression finds in a resource or an element that stands at a path."""
    only = re.search(r"\.where\(resolve\(\) is (\w+)\)", expression)
    node = ResourceNode.create_node(value, at) if "." in at else value
    found = apply_parsed_path(node, _parsed(expression), {}, models["r4"])
    plainly = [getattr(each, "asStr", each) for each in found]
    return [each for each in plainly if not only or _type_of(each) == only[1]]


def _elements(expression: str, resource: Json, kind: str) -> Iterator[tuple[str, Any]]:
    """The elements that a composite is about, each with its path."""
    for path in expression.split(" | "):
        for each in [resource] if path == kind else evaluated(path, resource, kind):
            yield path, each


def _type_of(reference: Any) -> str:  # noqa: ANN401  # JSON
    written = reference.get("reference", "")
    found = re.search(r"(\w+)/[\w.-]+(?:/_history/[\w.-]+)?$", written)
    return str(found[1] if found else reference.get("type", "") if not written else "")


@cache
def _parsed(expression: str) -> Any:  # noqa: ANN401  # a tree
    expression = re.sub(r"\.where\(resolve\(\) is \w+\)", "", expression)
    expression = re.sub(r"\((\S+) as (\w+)\)", r"\1.ofType(\2)", expression)
    expression = expression.replace(".as(", ".ofType(").removeprefix("Resource.")
    return parse(
        re.sub(r"hasExtension\(('\S+')\)", r"extension.where(url = \1).exists()", expression)
    )


# What is written in a query
