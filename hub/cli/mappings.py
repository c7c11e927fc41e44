"""samvy mappings: a source profile tried on an export, and a draft of one.

Source: INTERFACES, Commands. Nothing is stored, and no value of a person is printed.
"""

import json
import re
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.delimited.read import Delimited
from adapters.document import Adapter, Note, Unreadable, WrittenIdentity
from adapters.fitted.draft import draft
from adapters.fitted.joined import join
from adapters.fitted.trial import Trial, looks_like_code, nearest, tried, unknown_areas
from adapters.fitted.unit import Pattern
from adapters.incoming import Content, OnDisk
from adapters.json_export.nodes import node_of
from adapters.json_export.read import JsonExport, parsed
from adapters.xml_export.pieces import XmlPieces
from adapters.xml_export.read import XmlExport
from hub.cli.opening import JsonOption, fail
from hub.fhir.check import check
from mappings.engine import Context
from mappings.local_time import STOCKHOLM
from mappings.personal_identity import WARNINGS, NotAnIdentity, normalise
from mappings.source_fit import ProfileError, SourceProfile
from mappings.source_node import SourceNode
from mappings.source_profile import load
from mappings.source_reference import page
from mappings.source_targets import targets_of
from mappings.tables import load as load_table

mappings = typer.Typer(help="mapping tables and source profiles")

FileArgument = Annotated[
    Path, typer.Argument(help="an export; a folder or a zip where several files belong together")
]


@mappings.command("try")
def mappings_try(
    profile: Annotated[str, typer.Argument(help="a shipped profile's name, or a path to one")],
    file: FileArgument,
    as_json: JsonOption = False,
) -> None:
    """Show what each field becomes, what is not used and which codes are unknown; store nothing."""
    try:
        fitted = load(profile)
        content, name = _content(file)
        delivery = _adapter(fitted).read(content, name, fitted)
        trial = tried(delivery)
        areas = unknown_areas(_tree(fitted, content, name), fitted)
    except ProfileError as error:
        fail(str(error))
    except Unreadable as error:
        fail(f"{error.code} at {error.place}: {error.text}")
    report = _report(trial, fitted, dict(areas))
    if as_json:
        sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(_text(report))


@mappings.command("keys")
def mappings_keys() -> None:
    """Print every key, field and code that a source profile may have."""
    sys.stdout.write(page())


@mappings.command("new")
def mappings_new(
    source: Annotated[Path, typer.Option("--from", help="an export that no profile fits yet")],
    name: Annotated[str, typer.Option(help="what the profile is to be called")] = "draft",
) -> None:
    """Print a draft of a profile: what could be guessed, and marks where somebody must decide."""
    content, file = _content(source)
    try:
        sys.stdout.write(draft(content, file, name))
    except Unreadable as error:
        fail(f"{error.code} at {error.place}: {error.text}")


_WHOSE = ("concept", "owner", "unit", "regime", "service", "recipient")


def _content(path: Path) -> tuple[Content, str]:
    try:
        with next(iter(OnDisk(path).files()), path).open("rb"):
            return OnDisk(path), path.name
    except OSError as error:
        fail(f"{path} cannot be read ({error.strerror}); check the name")


def _adapter(profile: SourceProfile) -> Adapter:
    adapters: dict[str, Adapter] = {"xml": XmlExport(), "json": JsonExport()}
    return adapters.get(profile.format, Delimited())


def _tree(profile: SourceProfile, content: Content, name: str) -> SourceNode:
    if profile.format == "xml":
        top = XmlPieces(content, profile.encoding, Pattern(())).tree()
    elif profile.format == "json":
        top = node_of(parsed(content, profile.encoding))
    else:
        return Delimited().tree(content, name, profile)
    join(top, profile)
    return top


def _report(trial: Trial, profile: SourceProfile, areas: dict[str, int]) -> dict[str, object]:
    unused, wrong = _mapped(trial)
    fields = []
    for (concept, name), number in sorted(trial.values.items()):
        if name.startswith("…") or "/" in name.split("/", 1)[0] or name not in _known(concept):
            continue
        fields.append(
            {
                "concept": concept,
                "field": name,
                "values": number,
                "becomes": targets_of(f"sol/{concept}").get(name, []),
            }
        )
    codes = []
    for (concept, name, written), number in sorted(trial.unknown.items()):
        near = nearest(profile, concept, name, written)
        shown = written if looks_like_code(written) else "(a value that does not look like a code)"
        codes.append(
            {
                "concept": concept,
                "field": name,
                "code": shown,
                "times": number,
                "nearest": None if near is None else {"code": near[0], "meaning": near[1]},
            }
        )
    return {
        "profile": profile.name,
        "persons": trial.persons,
        "persons_without_anything_in_scope": trial.without,
        "records": dict(sorted(trial.records.items())),
        "fields": fields,
        "unknown_codes": codes,
        "unknown_areas": [{"code": code, "times": n} for code, n in sorted(areas.items())],
        "whose": [
            {**dict(zip(_WHOSE, each, strict=True)), "times": number}
            for each, number in sorted(trial.whose.items())
        ],
        "not_used": unused,
        "notes": [
            {"code": code, "place": trial.places[code, text], "times": number, "text": text}
            for (code, text), number in sorted(trial.notes.items())
        ]
        + [
            {"code": note.code, "place": note.place, "times": 1, "text": note.text}
            for note in wrong
        ],
    }


def _known(concept: str) -> set[str]:
    return set(targets_of(f"sol/{concept}"))


def _mapped(trial: Trial) -> tuple[list[str], list[Note]]:
    """Return the places that nobody uses, and why parts would wait in quarantine."""
    unused: dict[str, None] = {}
    wrong: dict[tuple[str, str], Note] = {}
    for part in trial.parts:
        for note in _of_number(part.person):
            wrong.setdefault((note.code, note.place), note)
        for record in part.records:
            context = Context("Patient/x", lambda _type, _place: "x", "urn:x", "urn:x")
            mapped = load_table(record.table).map(record.body(), context)
            unused |= dict.fromkeys(path for path in mapped.unmapped if "/" in path)
            for resource in mapped.resources:
                for issue in check(resource):
                    if issue.severity == "error":
                        place = re.sub(r"\[\d+\]", "", issue.expression)
                        note = Note("error", issue.code, place, issue.text)
                        wrong.setdefault((note.code, note.place), note)
    return sorted(unused), list(wrong.values())


def _of_number(written: WrittenIdentity | None) -> Iterator[Note]:
    if written is None:
        return
    try:
        identity = normalise(written.value, written.kind, datetime.now(STOCKHOLM).date())
    except NotAnIdentity as why:
        yield Note("error", "no-person-number", "person number", str(why.reason))
        return
    for code in identity.warnings:
        yield Note("warning", code, "person number", WARNINGS[code])


def _text(report: dict[str, object]) -> str:
    without = report["persons_without_anything_in_scope"]
    lines = [
        f"{report['persons']} persons with something in scope, {without} without (not kept)",
        "",
        "What each field became:",
    ]
    for each in _list(report, "fields"):
        becomes = ", ".join(each["becomes"]) or "left out with a reason"
        lines.append(f"  {each['concept']}.{each['field']:<24} {each['values']:>6}  {becomes}")
    lines += [
        "",
        "Whose each record is (owner and unit as the export writes them), and under what:",
    ]
    for each in _list(report, "whose"):
        lines.append(
            f"  {each['concept']:<14} {each['times']:>6}  owner {each['owner']}, "
            f"unit {each['unit']}, {each['regime']} {each['service']}, {each['recipient']}"
        )
    lines += ["", "Codes without a meaning:"]
    for each in _list(report, "unknown_codes"):
        near = each["nearest"]
        hint = f"; nearest: {near['code']} ({near['meaning']})" if near else ""
        lines.append(
            f"  {each['concept']}.{each['field']}: {each['code']} ({each['times']} times){hint}"
        )
    for each in _list(report, "unknown_areas"):
        remedy = "say older, disability, other or out"
        lines.append(f"  area or recipient: {each['code']} ({each['times']} times); {remedy}")
    lines += ["", "Not used:"]
    unused = report["not_used"]
    assert isinstance(unused, list)  # noqa: S101 - made above
    lines += [f"  {path}" for path in unused]
    lines += ["", "What the receipts would say:"]
    lines += [
        f"  {n['code']} at {n['place']}: {n['times']}: {n['text']}" for n in _list(report, "notes")
    ]
    return "\n".join(lines) + "\n"


def _list(report: dict[str, object], key: str) -> list[dict[str, Any]]:
    found = report[key]
    assert isinstance(found, list)  # noqa: S101 - made above
    return found
