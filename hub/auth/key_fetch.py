"""Public keys fetched from where they are published: bounded in time and size, nothing followed.

Source: OpenID Connect Discovery 1.0 §4.3 (the document names the issuer that it was asked of), RFC
8414 §3.3, RFC 7517 §5. An address is https, or http on 127.0.0.1 under --dev. No redirect is
followed: where keys lie is for the operator to say, not for whoever answers.
"""

import asyncio
import json
import time

import httpx

from hub.auth.key_set import PublicKey, UnusableKeySet, key_set
from hub.config.address import secure
from hub.config.issuer import KeySource

LARGEST = 256 * 1024
SECONDS = 5.0
_OK = 200
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity"}
"""Nothing compressed: what little comes over the line might be any size here."""


class KeysNotFetched(Exception):
    """Keys could not be fetched; says why, in words of ours."""


def fetch_keys(source: KeySource, *, dev: bool) -> dict[str, PublicKey]:
    """Return the keys of a source that is remote.

    Raises:
        KeysNotFetched: the address is not allowed or does not answer, or what it answers is too
            large, too slow, no JWK Set, or names another issuer.
    """
    until = time.monotonic() + SECONDS
    address = source.jwks or _jwks_address(source, until, dev=dev)
    try:
        return key_set(fetched(address, until, dev=dev))
    except UnusableKeySet as why:
        raise KeysNotFetched(f"{address}: {why}") from None


def _jwks_address(source: KeySource, until: float, *, dev: bool) -> str:
    """The address of the keys, as the issuer's metadata has it."""
    where = source.discovery or ""
    try:
        metadata = json.loads(fetched(where, until, dev=dev))
    except (ValueError, RecursionError):
        raise KeysNotFetched(f"{where}: this is not JSON") from None
    if not isinstance(metadata, dict) or metadata.get("issuer") != source.issuer:
        raise KeysNotFetched(f"{where}: the metadata is another issuer's")
    address = metadata.get("jwks_uri")
    if not isinstance(address, str):
        raise KeysNotFetched(f"{where}: the metadata has no jwks_uri")
    return address


def fetched(address: str, until: float, *, dev: bool) -> bytes:
    """Return what an address answers, if it is allowed, in time and not too large.

    All of it is in time, the headers too: who answers a byte at a time is not waited for.

    Raises:
        KeysNotFetched: it is not.
    """
    if not secure(address, dev=dev):
        raise KeysNotFetched("an address is not https (http: only 127.0.0.1, with --dev)")
    try:
        return asyncio.run(asyncio.wait_for(_body(address), until - time.monotonic()))
    except TimeoutError:
        raise KeysNotFetched(f"{address}: Timeout, not all within {SECONDS:.0f} s") from None
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as why:
        raise KeysNotFetched(f"{address}: {type(why).__name__}") from None


async def _body(address: str) -> bytes:
    found = bytearray()
    async with (
        httpx.AsyncClient(timeout=SECONDS, follow_redirects=False) as client,
        client.stream("GET", address, headers=_HEADERS) as answer,
    ):
        if answer.status_code != _OK:
            raise KeysNotFetched(f"{address}: the answer was {answer.status_code}")
        if answer.headers.get("content-encoding", "identity") != "identity":
            raise KeysNotFetched(f"{address}: the answer is compressed, and was not to be")
        async for chunk in answer.aiter_raw():
            found += chunk
            if len(found) > LARGEST:
                raise KeysNotFetched(f"{address}: more than {LARGEST} bytes")
    return bytes(found)
