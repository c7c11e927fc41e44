import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.auth.scopes import parse_scopes


@pytest.mark.parametrize(
    ("scope", "allowed", "refused"),
    [
        ("patient/Observation.rs", ["read", "vread", "search"], ["create", "update", "delete"]),
        ("user/*.cruds", ["read", "create", "update", "patch", "delete", "history-type"], []),
        ("system/Observation.c", ["create"], ["read", "search", "history-instance"]),
        ("openid launch/patient user/Observation.r", ["read"], ["search"]),
        ("user/Patient.rs", [], ["read", "search"]),
        ("", [], ["read"]),
    ],
)
def test_a_scope_is_a_ceiling(scope: str, allowed: list[str], refused: list[str]) -> None:
    scopes = parse_scopes(scope)
    assert all(scopes.allows("Observation", each) for each in allowed)
    assert not any(scopes.allows("Observation", each) for each in [*refused, "operation", ""])


@pytest.mark.parametrize(
    "scope",
    [
        "user/Observation.read",
        "user/Observation.*",
        "user/Observation.rs?category=laboratory",
        "user/Observation.sr",
        "user/Observation.rr",
        "user/Observation.",
        "user/observation.rs",
        "User/Observation.rs",
        "/Observation.rs",
        "user/Observation.rs\nuser/*.cruds",
        "user/Observation.rs\tuser/*.cruds",
        "user/**.cruds",
        "user/Observation.rs " * 1000,
    ],
)
def test_what_cannot_be_held_to_the_letter_grants_nothing(scope: str) -> None:
    assert not parse_scopes(scope).grants


def test_levels_are_kept_apart() -> None:
    scopes = parse_scopes("system/*.cruds patient/Observation.r")
    assert not scopes.on(["user"]).grants
    assert scopes.on(["patient"]).allows("Observation", "read")
    assert not scopes.on(["patient"]).allows("Condition", "read")


LETTERS = st.sets(st.sampled_from("cruds"), min_size=1).map(
    lambda found: "".join(letter for letter in "cruds" if letter in found)
)


@given(st.sets(st.tuples(st.sampled_from(["patient", "user", "system"]), LETTERS)))
def test_scopes_are_written_as_they_are_read(found: set[tuple[str, str]]) -> None:
    scopes = parse_scopes(" ".join(f"{level}/*.{letters}" for level, letters in found))
    assert parse_scopes(str(scopes)) == scopes
