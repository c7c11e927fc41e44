import pytest

from consent.facts import Kind
from hub.config.problem import ConfigurationError
from hub.config.sources_file import sources_of
from hub.config.written import written_from

WHOLE = """
sources:
  - id: ekskog-journal
    adapter: rivta
    owners: [REGION, NAMND]
    owner_of:
      - {hsa: KOMMUN, regime: SoL, owner: NAMND}
      - {hsa: KOMMUN, regime: HSL, owner: REGION}
      - {hsa: lokal 7, owner: REGION}
    fallback: {owner: REGION, unit: U1}
    client: ekskog-integration
    profile: treserva
    complete: true
"""
KNOWN = {"REGION": frozenset({Kind.VARDGIVARE}), "NAMND": frozenset({Kind.OMSORGSGIVARE})}


def _said(text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        sources_of(written_from(text.encode(), "s.yaml"), KNOWN)
    return str(caught.value)


def test_owners_are_told_by_id_and_regime() -> None:
    (source,) = sources_of(written_from(WHOLE.encode(), "s.yaml"), KNOWN)
    assert source.owner_for("KOMMUN", "SoL") == "NAMND"
    assert source.owner_for(" KOMMUN ", "HSL") == "REGION"
    assert source.owner_for("KOMMUN", "LSS") is None
    assert source.owner_for("lokal 7", "LSS") == "REGION"
    assert source.owner_for("NAMND", "SoL") == "NAMND"
    assert source.owner_for("SOMEBODY", "HSL") is None
    for missing in ("?", "", "0", None, " "):
        assert source.owner_for(missing, "HSL") == "REGION"
    assert (source.fallback_unit, source.client, source.complete) == (
        "U1",
        "ekskog-integration",
        True,
    )


def test_without_a_fallback_a_missing_owner_is_nobody() -> None:
    (source,) = sources_of(
        written_from(b"sources: [{id: a, adapter: rivta, owners: [REGION]}]", "s"), KNOWN
    )
    assert source.owner_for("?", "HSL") is None
    assert (source.client, source.profile, source.complete) == (None, None, False)


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("adapter: rivta, owners: []", "name at least one"),
        ("adapter: rivta, owners: [NOBODY]", "samvy organisations load"),
        ("adapter: rivta, owners: [REGION, REGION]", "named twice"),
        ("adapter: RIV-TA, owners: [REGION]", "not the name of an adapter"),
        ("adapter: ../x, owners: [REGION]", "not the name of an adapter"),
        ("adapter: rivta, owners: [REGION], fallback: {owner: NAMND}", "not among `owners`"),
        ("adapter: rivta, owners: [REGION], fallback: {unit: U}", "the key is required"),
        (
            "adapter: rivta, owners: [REGION], owner_of: [{hsa: X, regime: SOL, owner: REGION}]",
            "did you mean `SoL`?",
        ),
        (
            "adapter: rivta, owners: [REGION], owner_of: [{hsa: X, regime: SoL, owner: REGION}]",
            "the owner is no omsorgsgivare",
        ),
        (
            "adapter: rivta, owners: [REGION], owner_of: [{hsa: X, owner: NAMND}]",
            "not among `owners`",
        ),
        (
            (
                "adapter: rivta, owners: [REGION],"
                " owner_of: [{hsa: X, owner: REGION}, {hsa: X, owner: REGION}]"
            ),
            "mapped twice",
        ),
        (
            "adapter: rivta, owners: [REGION], owner_of: [{hsa: '?', owner: REGION}]",
            "use `fallback`",
        ),
        ("adapter: rivta, owners: [REGION], profil: x", "did you mean `profile`?"),
        ("adapter: rivta, owners: [REGION], profile: [x]", "this is not text"),
        ("owners: [REGION]", "adapter: the key is required"),
    ],
)
def test_mistakes_are_named(rest: str, said: str) -> None:
    assert said in _said(f"sources:\n  - {{id: a, {rest}}}\n")


@pytest.mark.parametrize("name", ["a b", "../a", "", "a/b", "-a"])
def test_an_id_that_cannot_stand_in_an_address_is_refused(name: str) -> None:
    assert "addresses" in _said(f"sources: [{{id: '{name}', adapter: rivta, owners: [REGION]}}]")


def test_two_sources_with_one_id_are_refused() -> None:
    one = "{id: a, adapter: rivta, owners: [REGION]}"
    assert "stands already on line 1" in _said(f"sources: [{one}, {one}]")
