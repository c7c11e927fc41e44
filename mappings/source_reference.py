"""The reference of a source profile's keys as a page, from what the checker and concepts know.

A key without a sentence here is a mistake that a test finds. `samvy mappings keys` prints the page;
docs/sol-profile-keys.md is it.

Source: docs/decisions/0006-fitted-exports.md.
"""

from collections.abc import Iterator, Mapping

from mappings.code_systems import code_list
from mappings.source_codes import OUT, RECIPIENTS, SERVICES
from mappings.source_concepts import CONCEPTS, HEADER_FIELDS
from mappings.source_field import Field, Kind
from mappings.source_keys import FORMATS, KEYS, TOP_KEYS, WITHHELD

TOP: Mapping[str, str] = {
    "profile": "The profile's name. Required.",
    "title": "What it is for, for people.",
    "format": f"One of {', '.join(FORMATS)}. Required. `register` is `delimited` by a layout.",
    "root": "XML: the outermost element's name. Required there.",
    "encoding": "The export's encoding where it declares none, or a wrong one.",
    "dates": "Forms of dates beside ISO, as `%d/%m/%Y %H:%M` or `%d %B %Y` (also in Swedish), "
    "`epoch_ms` and `epoch_s`.",
    "yes": "Words that mean yes for a flag. Without it j, ja, y, yes, true, 1, x.",
    "system": "Expression from the top: the source system's name, which keeps ids apart.",
    "as_of": "Of when the export is: an expression from the top, or `{name: pattern}`.",
    "organisations": "Where the export lists its organisations: `{each, id, name}`.",
    "codes": "Tables of local codes that expressions name: `{table: {local: meaning}}`.",
    "person": "Where persons stand, and the fields and groups of the concept person. Required.",
    "cases": "Where cases stand, and which areas are in scope.",
    "every": "Header fields of each record that does not say otherwise.",
    "records": "Where records stand, one entry for each concept and place.",
    "withhold": "Passages that must not be stored.",
    "left_out": "Places that are not mapped, and why.",
    "files": "Delimited: each file as a table, by the table's name.",
    "joins": "Rows of one table that belong under another's, by the table's name.",
    "persons": "Tables whose rows with the same value are one person's: `{table: column}`.",
    "rules": "What values must look like; a row against an error's rule waits in quarantine.",
}
BELOW: Mapping[str, Mapping[str, str]] = {
    "files": {
        "name": "Pattern of the file's name, with * and ?. Without it `*table*`.",
        "delimiter": "One sign; without it the one that the first line has most of.",
        "quote": 'The sign of quotes; `""` where none are used.',
        "encoding": "Of this file.",
        "header": "Whether the first row names the columns. False where `columns` are given.",
        "columns": "Names of the columns in order.",
        "items": "How many items a row is to have: gives the row an item `items` for rules.",
    },
    "joins": {
        "under": "The other table, or its path in JSON and XML; of several kinds of rows one, as "
        "`item[@typ='person']`.",
        "on": "`{own column: column there}`; several are all to be equal.",
    },
    "rules": {
        "each": "Path of the rows.",
        "value": "Expression of what is looked at.",
        "must": "Regular expression that the whole value follows.",
        "must_not": "Regular expression that it does not follow.",
        "as": "error (without it) or warning.",
        "because": "The rule in words. Required.",
    },
    "groups": {
        "each": "Path of the places within the record.",
        "only": "Only where these paths have these values.",
        "except": "Not where they have.",
    },
    "cases": {
        "each": "Path of the cases within the person.",
        "id": "Expression of the case's number, which records name by `case`.",
        "area": f"Gives {', '.join(sorted(RECIPIENTS))}, or `{OUT}`; others stay out.",
    },
    "withhold": {
        "each": "Path of the passages.",
        "as": f"One of {', '.join(WITHHELD)}: the word that they are counted under.",
        "when": "Only where these paths have these values.",
        "unless": "Only where they have not.",
    },
    "left_out": {"path": "The place.", "because": "Why. Required."},
}
HEADER: Mapping[str, str] = {
    "owner": "Whose it is, as the export writes it; the sources file maps it to the owner.",
    "unit": "The unit that documented it.",
    "authority": "The authority within the owner.",
    "regime": "The act that it was documented under.",
    "recipient": "For whom the service is; decides scope.",
    "service": "The section that it rests on, as `SoL 8:1`; otherwise told by law and service.",
    "case": "The number of the case that it belongs to.",
    "struck_out": "It has been struck out.",
    "not_for_person": "It is not to be shown to the person themselves.",
}
KINDS: Mapping[Kind, str] = {
    Kind.TEXT: "text",
    Kind.CODE: "code",
    Kind.CODES: "codes, with blanks between",
    Kind.DATE: "date",
    Kind.TIME: "date and time",
    Kind.NUMBER: "number",
    Kind.FLAG: "yes or no",
    Kind.LINK: "number of",
    Kind.SIGNS: "code without blanks",
}


def page() -> str:
    """Return the reference as Markdown."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# The keys of a source profile"
    yield ""
    yield "Printed by `samvy mappings keys`. [sol-profile.md](sol-profile.md) shows their use."
    yield "An expression: a path, a list, or of `value`, `from`, `when`, `unless`, `join`, `all`."
    yield from _section("At the top", {key: TOP[key] for key in TOP_KEYS})
    for key, names in KEYS.items():
        yield from _section(f"`{key}`", {name: BELOW[key][name] for name in names})
    yield from _services()
    yield from _section("Header fields of every record", {n: _header(n) for n in HEADER_FIELDS})
    yield ""
    yield "## Records"
    yield ""
    yield "`concept`, `each` (the path), `when` or `unless`, header fields, `groups`, and fields:"
    for name, concept in CONCEPTS.items():
        yield from _section(f"Concept `{name}`", {n: _kind(f) for n, f in concept.fields.items()})
        for group, fields in concept.groups.items():
            yield from _section(
                f"`{name}`, group `{group}`", {n: _kind(f) for n, f in fields.items()}
            )


def _services() -> Iterator[str]:
    names = code_list("insats").codes
    means = {code: f"{names[code]}." for code in sorted(SERVICES)}
    yield from _section("What the codes of a service's `type` mean", means)


def _section(title: str, rows: Mapping[str, str]) -> Iterator[str]:
    yield from ("", f"## {title}", "", "| Key | What |", "|---|---|")
    yield from (f"| `{key}` | {text} |" for key, text in rows.items())


def _header(name: str) -> str:
    codes = ", ".join(sorted(HEADER_FIELDS[name].codes))
    return HEADER[name] + (f" One of {codes}." if codes else "")


def _kind(field: Field) -> str:
    if field.kind is Kind.LINK:
        return f"number of the {field.links} that it rests on"
    codes = ", ".join(f"`{code}`" for code in sorted(field.codes))
    return KINDS[field.kind] + (f": {codes}" if codes else "")
