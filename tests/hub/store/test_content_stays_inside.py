"""P1, static: which modules may touch a column that holds content, and how."""

import ast
from collections.abc import Iterator
from pathlib import Path

import hub
from hub.store import ledger

CONTENT = frozenset({"body", "masked_body", "content"})
TABLES = frozenset({"RESOURCE", "RESOURCE_VERSION", "SOURCE_PART"})
TABLE_NAMES = frozenset({"resource", "resource_version", "source_part"})

TOUCH = {
    "hub/store/reading.py": "through a scope",
    "hub/store/read_one.py": "one row that the scope has permitted",
    "hub/store/parts.py": "a quarantined part, for a retry",
    "hub/store/reindex.py": "to make the search index anew",
    "hub/store/kept_away.py": "keyed hashes of what is purged or overwritten",
    "hub/ingest/protection.py": "to write the masked form of a body",
    "hub/store/schema/resource.py": "the definition",
    "hub/store/schema/source_part.py": "the definition",
}
"""Modules that may name a content column of these tables, and why."""

HOLD = {
    **TOUCH,
    "hub/store/writing.py": "marks a resource as deleted",
    "hub/store/ledger.py": "writes; reads hashes and columns",
    "hub/store/earlier_facts.py": "marks versions; reads nothing",
    "hub/store/deliveries.py": "whom a source has documents of: keys and marks",
    "hub/store/items.py": "the columns of a scope, to decide again",
    "hub/store/purge.py": "removes rows; reads keys and columns",
    "hub/store/person_now.py": "whom a resource is about; no content",
    "hub/store/standing.py": "what stands: ids, contracts, marks",
    "hub/ingest/restamp.py": "columns that follow the organisations file",
    "hub/api/interaction/conditional.py": "an expression for reading.find",
    "hub/api/interaction/history.py": "an expression for reading.find_versions",
    "hub/api/interaction/own_change.py": "an expression for reading.find",
    "hub/api/interaction/patch.py": "an expression for reading.find",
    "hub/store/latest_codes.py": "codes of permitted rows, without content",
    "hub/store/export_jobs.py": "keys of permitted rows, without content",
    "hub/api/operation/export.py": "an expression for reading.find",
    "hub/api/operation/everything.py": "an expression for reading.find_keys",
    "hub/api/operation/lastn.py": "an expression for reading.find",
    "hub/review/evidence.py": "an expression for reading.find",
    "hub/api/operation/summary.py": "an expression for reading.find",
    "hub/api/patient.py": "an expression for reading.find",
    "hub/api/search/search_include.py": "an expression for reading.find",
    "hub/api/search/search_query.py": "an expression for reading.find_keys",
}
"""Modules that may import these tables at all."""

CONTENT_OF = {"hub/store/parts.py", "hub/ingest/quarantine.py"}
"""Who may ask for a quarantined part's bytes."""

ROOT = Path(hub.__file__).parents[1]


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / "hub").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if "/migrations/" not in name:
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.Attribute):
            yield node.attr


def _names_content(tree: ast.Module) -> bool:
    """Whether a content column of one of the tables is named: as `T.c.body` or by `select(T)`."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and node.attr in CONTENT
            and isinstance(node.value, ast.Attribute)
            and node.value.attr == "c"
            and not _is_other_table(node.value.value)
        ):
            return True
        if isinstance(node, ast.Subscript) and _is_columns(node.value):
            return True
        if isinstance(node, ast.Call) and any(_whole_table(each) for each in _given(node)):
            return True
    return False


def _is_other_table(node: ast.expr) -> bool:
    """A table in capitals that is none of ours; what is not in capitals may be any of them."""
    return isinstance(node, ast.Name) and node.id.isupper() and node.id not in TABLES


def _is_columns(node: ast.expr) -> bool:
    """`T.c[name]` may name any column."""
    return (
        isinstance(node, ast.Attribute)
        and node.attr == "c"
        and isinstance(node.value, ast.Name)
        and node.value.id in TABLES
    )


def _given(call: ast.Call) -> list[ast.expr]:
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    return call.args if name == "select" else []


def _whole_table(node: ast.expr) -> bool:
    value = node.value if isinstance(node, ast.Starred) else node
    if isinstance(value, ast.Attribute) and value.attr in {"c", "columns"}:
        value = value.value
    return isinstance(value, ast.Name) and (value.id in TABLES or value.id == "table")


def test_only_these_modules_name_a_content_column() -> None:
    found = {
        name for name, tree in _modules() if TABLES & set(_imported(tree)) and _names_content(tree)
    }
    # ledger.py looks up what stands by these names, none of which is content
    assert not CONTENT & {*ledger._KNOWN}
    assert found - {"hub/store/ledger.py"} <= set(TOUCH)


def test_only_these_modules_hold_the_tables() -> None:
    assert {name for name, tree in _modules() if TABLES & set(_imported(tree))} <= set(HOLD)


def test_nobody_goes_round_by_sql_text_or_by_the_metadata() -> None:
    for name, tree in _modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words = set(node.value.lower().replace(",", " ").split())
                sql = {"select", "from"} <= words and words & TABLE_NAMES
                assert not sql, f"{name}:{node.lineno}"
        used = set(_imported(tree))
        if "METADATA" in used and not name.startswith("hub/store/schema/"):
            raise AssertionError(f"{name} reaches every table by METADATA")


def test_only_a_retry_asks_for_a_quarantined_parts_content() -> None:
    asking = {
        name
        for name, tree in _modules()
        if "content_of" in set(_imported(tree)) | {getattr(n, "name", "") for n in ast.walk(tree)}
    }
    assert asking == CONTENT_OF


def test_no_function_of_reading_gives_content_without_a_scope() -> None:
    files = [ROOT / f"hub/store/{name}.py" for name in ("reading", "read_one")]
    for node in (each for file in files for each in ast.parse(file.read_text("utf-8")).body):
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
            continue
        scoped = "scope" in [argument.arg for argument in node.args.args]
        gives = ast.unparse(node.returns) if node.returns else ""
        assert scoped or gives == "list[str]", node.name
