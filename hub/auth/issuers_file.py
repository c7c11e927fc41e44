"""The issuers file, read and checked: whose tokens the hub believes.

Source: DESIGN §5; docs/tokens.md. The file is the whole list: an issuer that it no longer names is
not believed from the next request on.
"""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field, PlainValidator

from hub.auth.claims import MAPPED, STRONG
from hub.auth.key_set import KEY_TYPES, UnusableKeySet, key_set
from hub.auth.scopes import parse_scopes
from hub.config.entry import (
    Entry,
    Identifier,
    Listed,
    Text,
    between,
    one_of,
    secure_url,
    validated,
    wrong,
)
from hub.config.issuer import OPENID, Console, Issuer, KeySource, SpeaksFor
from hub.config.organisations_file import duplicates
from hub.config.problem import ConfigurationError, Problem
from hub.config.written import Place, Written, read_written

LARGEST_KEYS = 256 * 1024
LONGEST_MINUTES = 24 * 60
LONGEST_SKEW = 120


def _issuer(value: object) -> str:
    url = secure_url(value)
    if "?" in url:
        raise wrong("an issuer's id has no query", "write it as its tokens do in `iss`")
    return url


def _algorithm(value: object) -> str:
    if value not in KEY_TYPES:
        raise wrong("the algorithm is not one that is safe here", "write ES256, PS256 or RS256")
    return str(value)


def _audience(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 200 or not value.isprintable():  # noqa: PLR2004
        raise wrong("this is no audience", "write the name that the issuer has for the hub")
    return value


def _scope(value: object) -> str:
    if not isinstance(value, str) or not parse_scopes(value).grants:
        raise wrong("this is no SMART v2 scope", "write such as user/*.rs patient/*.rs")
    return value


def _openid(value: object) -> str:
    if not isinstance(value, str) or "openid" not in value.split() or not value.isprintable():
        raise wrong("the scope of a log-in holds openid", "write such as openid, or leave it out")
    return value


class _Console(Entry):
    client: Annotated[str, PlainValidator(_audience)]
    name: Text | None = None
    scope: Annotated[str, PlainValidator(_openid)] = "openid"


class _Issuer(Entry):
    id: Annotated[str, PlainValidator(_issuer)]
    audience: Annotated[str, PlainValidator(_audience)]
    discovery: Annotated[str, PlainValidator(secure_url)] | None = None
    jwks: Annotated[str, PlainValidator(secure_url)] | None = None
    keys: Text | None = None
    algorithms: Annotated[list[Annotated[str, PlainValidator(_algorithm)]], Field(min_length=1)] = (
        Field(default_factory=lambda: ["ES256", "PS256", "RS256"])
    )
    speaks_for: Annotated[
        list[Annotated[SpeaksFor, PlainValidator(one_of(SpeaksFor))]], Field(min_length=1)
    ] = Field(default_factory=lambda: [SpeaksFor.STAFF])
    organisations: Listed[Identifier] = Field(default_factory=list)
    acr: Listed[Text] = Field(default_factory=lambda: sorted(STRONG))
    certificate_bound: bool = False
    longest_minutes: Annotated[int, between(1, LONGEST_MINUTES)] = 60
    clock_skew_seconds: Annotated[int, between(0, LONGEST_SKEW)] = 10
    scope: Annotated[str, PlainValidator(_scope)] | None = None
    claims: dict[str, Text] = Field(default_factory=dict)
    console: _Console | None = None

    def value(self, beside: Path) -> Issuer:
        text = (beside / self.keys).read_text(encoding="utf-8") if self.keys else None
        found = self.discovery
        if found is None and self.jwks is None and text is None:
            found = self.id.rstrip("/") + OPENID
        return Issuer(
            id=self.id,
            audience=self.audience,
            keys=KeySource(found, self.jwks, text, self.id),
            algorithms=tuple(self.algorithms),
            speaks_for=tuple(self.speaks_for),
            organisations=tuple(self.organisations),
            acr=tuple(self.acr),
            certificate_bound=self.certificate_bound,
            longest_minutes=self.longest_minutes,
            clock_skew_seconds=self.clock_skew_seconds,
            scope=self.scope or "",
            claims=tuple(sorted(self.claims.items())),
            console=None if self.console is None else self._console(self.console),
        )

    def _console(self, given: _Console) -> Console:
        name = given.name or self.id.partition("://")[2].partition("/")[0]
        return Console(given.client, name, given.scope)


class _File(Entry):
    issuers: Listed[_Issuer]


def read_issuers(path: Path, organisations: Collection[str] | None = None) -> tuple[Issuer, ...]:
    """Return the issuers of a file; `organisations` are the ids that the hub knows.

    Raises:
        ConfigurationError: with everything that is wrong, each with file, line, key and remedy.
    """
    written = read_written(path)
    entries = validated(_File, written).issuers
    problems = [
        *duplicates([entry.id for entry in entries], written, ("issuers",)),
        *(
            problem
            for number, entry in enumerate(entries)
            for problem in _wrong(entry, written, ("issuers", number), organisations)
        ),
    ]
    if problems:
        raise ConfigurationError(problems)
    return tuple(entry.value(path.parent) for entry in entries)


def _wrong(
    entry: _Issuer, written: Written, place: Place, organisations: Collection[str] | None
) -> Iterator[Problem]:
    given = [name for name in ("discovery", "jwks", "keys") if getattr(entry, name) is not None]
    if len(given) > 1:
        what = "the keys come from more than one place"
        yield written.problem((*place, given[1]), what, "keep one of discovery, jwks and keys")
    if entry.keys is not None:
        yield from wrong_key_file(Path(written.file).parent / entry.keys, written, (*place, "keys"))
    for name in entry.claims:
        if name not in MAPPED:
            known = ", ".join(sorted(MAPPED))
            yield written.problem(
                (*place, "claims", name), "this is no claim that can be mapped", f"write {known}"
            )
    for index, each in enumerate(entry.organisations):
        if organisations is not None and each not in organisations:
            remedy = "load it with `samvy organisations load`, or correct it"
            here = (*place, "organisations", index)
            yield written.problem(here, "no organisation has this id", remedy)


def wrong_key_file(path: Path, written: Written, place: Place) -> Iterator[Problem]:
    """Yield what is wrong with a file of keys."""
    try:
        with path.open("rb") as file:
            key_set(file.read(LARGEST_KEYS))
    except OSError:
        yield written.problem(place, "the file cannot be read", "check the path")
    except UnusableKeySet as why:
        yield written.problem(place, str(why), "put the issuer's JWK Set there")
