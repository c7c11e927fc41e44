"""JSON goes in and comes out as it was, or not at all."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import TooLarge
from hub.fhir.json_codec import Malformed, decode, encode

KEPT = [
    "1.50",
    "0.1234567890123456789",
    "100000000000000000000",
    "100000000000000000000.01",
    "1e3",
    "1E+3",
    "1.0E-5",
    "0.000010",
    "-0",
    "-0.0",
    "12",
    "true",
    "null",
    '"å/ä"',
    '["b",{"z":1,"a":2}]',
]


@pytest.mark.parametrize("text", KEPT)
def test_a_value_is_written_as_it_was_sent(text: str) -> None:
    assert encode(decode(f'{{"v":{text}}}'.encode())) == f'{{"v":{text}}}'.encode()


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30))
def test_any_decimal_is_kept(value: Decimal) -> None:
    body = encode({"v": value})
    assert decode(body)["v"] == value
    assert encode(decode(body)) == body


REFUSED = {
    '{"a":1,"b":{"c":1,"c":2}}': "b.c",
    '{"a":[{"c":1,"c":2}]}': "a[0].c",
    '{"a":"\\u0000"}': "U+0000",
    '{"a":[{"b":"\\ud800"}]}': "a[0].b",
    '{"a":NaN}': "NaN",
    '{"a":-Infinity}': "-Infinity",
    '{"a":"\x00"}': "line 1, column 7",
    '{"a" 1}': "line 1, column 6",
    "": "line 1",
    "[]": "one resource",
    '{"a":1e400}': "1e300",
    '{"a":1e99999999999999999999}': "1e300",
    '{"a":%s}' % ("9" * 5000): "1e300",
    '{"a":%s}' % ("[" * 64 + "]" * 64): "deeper than 64",
    '{"a":' * 100_000 + "1" + "}" * 100_000: "deeper than 64",
}


@pytest.mark.parametrize(("body", "said"), REFUSED.items(), ids=range(len(REFUSED)))
def test_what_cannot_be_kept_is_refused_with_its_place(body: str, said: str) -> None:
    with pytest.raises(Malformed) as refused:
        decode(body.encode())
    assert said in str(refused.value)


def test_bytes_that_are_not_utf_8_are_refused() -> None:
    with pytest.raises(Malformed, match="byte 7"):
        decode(b'{"a":"\xff"}')


def test_the_size_has_a_limit() -> None:
    with pytest.raises(TooLarge, match="at most 5"):
        decode(b'{"a":1}', max_bytes=5)


def test_a_refusal_repeats_no_key_that_is_no_name() -> None:
    with pytest.raises(Malformed) as refused:
        decode(b'{"191212121212 Tolvan":1,"191212121212 Tolvan":2}')
    assert "Tolvan" not in str(refused.value)


def test_escaped_characters_that_exist_are_taken() -> None:
    assert decode(b'{"a":"\\ud83d\\ude00 \\\\u0000"}') == {"a": "\N{GRINNING FACE} \\u0000"}


def test_a_byte_order_mark_is_no_fault() -> None:
    assert decode(b'\xef\xbb\xbf{"a":1}') == {"a": 1}


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        found = decode(body)
    except Malformed:
        return
    assert isinstance(found, dict)
