"""The key `notified` of the sources file, read and checked.

Source: DESIGN §5; RFC 9440 (Client-Cert).
"""

import hashlib
import re
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import Field, PlainValidator

from hub.config.entry import Entry, Listed, Text, wrong
from hub.config.notified import Notified
from hub.config.problem import Problem
from hub.config.written import Place, Written, WrittenInteger

_SHA_256 = re.compile(r"[0-9a-f]{64}")


def _digest(value: object) -> str:
    text = value.written if isinstance(value, WrittenInteger) else value
    if not isinstance(text, str) or not _SHA_256.fullmatch(text):
        raise wrong(
            "this is not the SHA-256 of a token",
            "write 64 digits 0-9a-f: printf %s TOKEN | sha256sum; never the token itself",
        )
    return text


def _address(value: object) -> str:
    try:
        return str(ip_address(value if isinstance(value, str) else ""))
    except ValueError:
        raise wrong("this is not an address", "write the proxy's IP address") from None


class NotifiedEntry(Entry):
    """The mapping as it is written."""

    tokens: Listed[Annotated[str, PlainValidator(_digest)]] = Field(default_factory=list)
    certificates: Listed[Text] = Field(default_factory=list)
    proxies: Listed[Annotated[str, PlainValidator(_address)]] = Field(default_factory=list)
    own: Listed[Text] = Field(default_factory=list)

    def value(self, beside: Path) -> Notified:
        """Return it as the hub keeps it."""
        return Notified(
            tuple(self.tokens),
            tuple(fingerprint(beside / path) for path in self.certificates),
            tuple(self.proxies),
            tuple(self.own),
        )


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of a certificate in a PEM file.

    Raises:
        OSError, ValueError: it cannot be read, or is none.
    """
    return digest_of(x509.load_pem_x509_certificate(path.read_bytes()))


def digest_of(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of a certificate's DER form."""
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def wrong_notified(
    entry: NotifiedEntry, beside: Path, written: Written, place: Place, *, pulled: bool
) -> Iterator[Problem]:
    """Yield what is wrong with it as a whole, its files among it."""
    if not pulled:
        what = "a source that is told of has nothing to be asked by"
        yield written.problem(place, what, "add `pull` to the source")
    if not entry.tokens and not entry.certificates:
        what = "nobody may tell of changes"
        yield written.problem(place, what, "add `tokens` or `certificates`")
    if entry.proxies and not entry.certificates:
        what = "proxies are named, and no certificate that they may show"
        yield written.problem(place, what, "add `certificates`, or leave `proxies` out")
    for index, path in enumerate(entry.certificates):
        try:
            fingerprint(beside / path)
        except (OSError, ValueError):
            here = (*place, "certificates", index)
            remedy = "give the path of a PEM file, told from the sources file's folder"
            yield written.problem(here, "there is no certificate in such a file", remedy)
