"""P1: whatever `hub.store.reading` returns with content in it, it returns through a scope."""

import inspect
import typing

from consent.scope import Scope
from hub.store import reading
from hub.store.reading import Found


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
