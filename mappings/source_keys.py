"""The keys that a source profile may have; mappings/source_reference.py tells what each is.

Source: docs/decisions/0006-fitted-exports.md.
"""

from collections.abc import Mapping

FORMATS = ("xml", "json", "delimited", "register")
WITHHELD = ("out_of_scope", "not_shared", "not_per_person")
DEFAULT_YES = ("j", "ja", "y", "yes", "true", "1", "x")
TOP_KEYS = (
    *("profile", "title", "format", "root", "encoding", "dates", "yes", "system", "as_of"),
    *("organisations", "codes", "person", "cases", "every", "records", "withhold", "left_out"),
    *("files", "joins", "persons", "rules"),
)

KEYS: Mapping[str, tuple[str, ...]] = {
    "files": ("name", "delimiter", "quote", "encoding", "header", "columns", "items"),
    "joins": ("under", "on"),
    "rules": ("each", "value", "must", "must_not", "as", "because"),
    "groups": ("each", "only", "except"),
    "cases": ("each", "id", "area"),
    "withhold": ("each", "as", "when", "unless"),
    "left_out": ("path", "because"),
}
"""The keys of what stands below a top key, besides fields of concepts."""
