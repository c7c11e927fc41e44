"""The key `pull` of the sources file, read and checked.

Source: INTERFACES "Sources file"; rivta.md §0 (mutual TLS), §4.12 (the agreement's UUID).
"""

import re
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import PlainValidator

from adapters.rivta.client import Endpoint, tls_context
from adapters.rivta.contracts import CONTRACTS
from adapters.rivta.request import OBSERVATIONS
from hub.config.entry import Entry, Identifier, Listed, Text, wrong
from hub.config.problem import Problem
from hub.config.pull import Pull
from hub.config.written import Place, Written, WrittenInteger

NAMES = tuple(each.name for each in CONTRACTS)
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
LONGEST_SECONDS, MOST_MB = 600, 64
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_FILLED = {"domain": "d", "operation": "o", "major": 1}


def _endpoint(value: object) -> str:
    text = value if isinstance(value, str) else ""
    try:
        parts = urlsplit(text.format_map(_FILLED))
        port = parts.port
    except (ValueError, KeyError, IndexError, AttributeError):
        raise wrong(
            "the endpoint cannot be read",
            "write https://host/path, with nothing in braces but {domain}, {operation}, {major}",
        ) from None
    if parts.username or parts.password:
        raise wrong("the endpoint holds a password", "a source is asked with a certificate")
    if not parts.hostname or port == 0 or parts.query or parts.fragment:
        raise wrong("the endpoint is no URL of a service", "write https://host/path")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise wrong(
            "the endpoint is not https",
            "write https://host/path; http is for a proxy on this machine alone",
        )
    return text


def _contract(value: object) -> str:
    found = [name for name in NAMES if value in (name, name.partition(" ")[0])]
    if len(found) != 1:
        raise wrong(
            "the contract is not one that is read, or has several versions",
            f"write one of {', '.join(NAMES)}",
        )
    return found[0]


def _agreement(value: object) -> str:
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise wrong("the agreement is no UUID", "write the id that the source's owner gave you")
    return value


def _at_most(largest: int) -> PlainValidator:
    def read(value: object) -> int:
        if not isinstance(value, WrittenInteger) or not 1 <= value <= largest or not value.plain:
            raise wrong("the number does not fit here", f"write a number from 1 to {largest}")
        return int(value)

    return PlainValidator(read)


class PullEntry(Entry):
    """The mapping as it is written."""

    endpoint: Annotated[str, PlainValidator(_endpoint)]
    logical_address: Identifier
    contracts: Listed[Annotated[str, PlainValidator(_contract)]] = []  # noqa: RUF012 - pydantic copies it
    certificate: Text | None = None
    key: Text | None = None
    ca: Text | None = None
    original_consumer: Identifier | None = None
    agreement: Annotated[str, PlainValidator(_agreement)] | None = None
    systems: Listed[Identifier] = []  # noqa: RUF012 - as above
    seconds: Annotated[int, _at_most(LONGEST_SECONDS)] = 60
    largest_mb: Annotated[int, _at_most(MOST_MB)] = MOST_MB

    def value(self) -> Pull:
        """Return it as the hub keeps it."""
        return Pull(
            endpoint=self.endpoint,
            logical_address=self.logical_address,
            contracts=tuple(self.contracts),
            certificate=self.certificate,
            key=self.key,
            ca=self.ca,
            original_consumer=self.original_consumer,
            agreement=self.agreement,
            systems=tuple(self.systems),
            seconds=self.seconds,
            largest_mb=self.largest_mb,
        )


def wrong_pull(
    entry: PullEntry, adapter: str, beside: Path, written: Written, place: Place
) -> Iterator[Problem]:
    """Yield what is wrong with a pull as a whole, its files among it."""
    if adapter != "rivta":
        what = "only sources of the adapter rivta are asked over a network"
        yield written.problem(place, what, "remove it, or correct `adapter`")
    for index, name in enumerate(entry.contracts):
        if name in entry.contracts[:index]:
            here = (*place, "contracts", index)
            yield written.problem(here, "the contract is named twice", "remove one")
        if name.startswith(OBSERVATIONS) and entry.agreement is None:
            here = (*place, "contracts", index)
            remedy = "add `agreement`, or remove the contract"
            yield written.problem(here, "this contract needs an agreement's id", remedy)
    if entry.endpoint.startswith("https:"):
        yield from _wrong_files(entry, beside, written, place)


def _wrong_files(
    entry: PullEntry, beside: Path, written: Written, place: Place
) -> Iterator[Problem]:
    if entry.certificate is None:
        remedy = "add the paths of the function certificate and, unless it holds it, of its key"
        yield written.problem(place, "sources are asked with mutual TLS: no `certificate`", remedy)
    located = with_paths(entry.value(), beside)
    paths = (("certificate", located.certificate), ("key", located.key), ("ca", located.ca))
    missing = [(name, path) for name, path in paths if path and not Path(path).is_file()]
    for name, _ in missing:
        remedy = "correct the path; it is told from the sources file's folder"
        yield written.problem((*place, name), "there is no such file", remedy)
    if missing or entry.certificate is None:
        return
    try:
        tls_context(endpoint_of(located))
    except (OSError, ssl.SSLError):
        what = "certificate, key and ca cannot be used together"
        remedy = "use PEM files, a key without a password that belongs to the certificate, and a CA"
        yield written.problem(place, what, remedy)


def with_paths(pull: Pull, beside: Path) -> Pull:
    """Return it with whole paths, which are told from the sources file's folder."""

    def whole(path: str | None) -> str | None:
        return None if path is None else str((beside / path).resolve())

    return replace(
        pull, certificate=whole(pull.certificate), key=whole(pull.key), ca=whole(pull.ca)
    )


def endpoint_of(pull: Pull) -> Endpoint:
    """Return what a client needs to reach the source."""
    return Endpoint(
        url=pull.endpoint,
        certificate=pull.certificate,
        key=pull.key,
        ca=pull.ca,
        original_consumer=pull.original_consumer,
        seconds=pull.seconds,
        size=pull.largest_mb * 1024 * 1024,
    )
