"""P1: content leaves the store only through `hub.store.reading`, and there only with a scope.

The other modules that touch bodies or parts are named here with what they do with them; none of
them hands content to a reader.
"""

import ast
import inspect
import typing
from pathlib import Path

from consent.scope import Scope
from hub.store import reading
from hub.store.reading import Found

ROOT = Path(__file__).parents[3]
TABLES = {"RESOURCE", "RESOURCE_VERSION", "SOURCE_PART"}
CONTENT = {"body", "masked_body", "content"}
KNOWN = {
    "hub/store/reading.py": "reads through a scope",
    "hub/store/parts.py": "hands a quarantined part to its retry, which stores it anew",
    "hub/ingest/protection.py": "writes the masked body of a protected person's row",
}


def _touches_content(tree: ast.Module) -> bool:
    """Whether a module reads a content column, or selects all columns, of a table with content."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in CONTENT:
            owner = node.value
            if isinstance(owner, ast.Attribute) and owner.attr in {"c", "columns"}:
                return True
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            whole = [a.id for a in node.args if isinstance(a, ast.Name)]
            if node.func.id == "select" and (TABLES | {"table"}) & set(whole):
                return True
        if (
            isinstance(node, ast.Subscript)
            and isinstance(node.slice, ast.Constant)
            and node.slice.value in CONTENT
            and ast.unparse(node.value).endswith(".c")
        ):
            return True
    return False


def _trees() -> dict[str, ast.Module]:
    return {
        str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted((ROOT / "hub").rglob("*.py"))
        if "migrations" not in path.parts
    }


def _knows_the_tables(tree: ast.Module) -> bool:
    return any(isinstance(node, ast.Name) and node.id in TABLES for node in ast.walk(tree))


def test_only_the_named_modules_touch_content() -> None:
    found = {
        name
        for name, tree in _trees().items()
        if _knows_the_tables(tree) and _touches_content(tree)
    }
    assert found == set(KNOWN)


def test_no_statement_is_written_as_text() -> None:
    """SQL in strings could read content unseen; only readiness and the verifier write any."""
    allowed = {"hub/api/health.py", "hub/audit/verify_store.py", "hub/store/connect.py"}
    found = {
        name
        for name, tree in _trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Name) and node.func.id == "text")
            or (isinstance(node.func, ast.Attribute) and node.func.attr == "exec_driver_sql")
        )
    }
    assert found <= allowed | {"hub/audit/writer.py", "hub/store/bulk_insert.py"}


def test_whatever_reading_returns_content_takes_a_scope() -> None:
    functions = [
        each
        for _, each in inspect.getmembers(reading, inspect.isfunction)
        if each.__module__ == reading.__name__
    ]
    giving = []
    for function in functions:
        hints = typing.get_type_hints(function)
        returned = hints.pop("return")
        if returned is Found or Found in typing.get_args(returned):
            giving.append(function.__name__)
            assert Scope in hints.values(), function.__name__
    assert {"find", "at_versions"} <= set(giving)
