"""R4's own examples, and a resource of each type with every element, survive JSON and XML whole.

Source: FHIR R4 json.html, xml.html. Value for value: the digits of numbers, the precision of times,
order, ids and extensions of primitives, narratives.
"""

import json

import pytest
from filled import filled
from official_examples import AGAINST_R4, examples, values

from hub.fhir.check import check
from hub.fhir.definitions import TYPES_IN_USE
from hub.fhir.json_codec import decode, encode
from hub.fhir.xml_codec import decode_xml, encode_xml


def test_every_example_survives_json_and_xml() -> None:
    types, number = set(), 0
    for name, written in examples():
        resource = decode(written)
        assert values(encode(resource)) == values(written), name
        assert values(encode(decode_xml(encode_xml(resource)))) == values(written), name
        types.add(name.partition("-")[0])
        number += 1
    assert number > 400
    assert set(TYPES_IN_USE) - types == {"Parameters"}


def test_every_example_passes_the_strict_table() -> None:
    refused = {
        name
        for name, written in examples()
        if any(each.severity == "error" for each in check(decode(written)))
    }
    assert refused == AGAINST_R4


@pytest.mark.parametrize("kind", TYPES_IN_USE)
def test_a_resource_with_every_element_survives_json_and_xml(kind: str) -> None:
    for seed in range(3):
        resource = filled(kind, seed, share=1.0 if seed == 0 else 0.7)
        written = encode(resource)
        assert values(encode(decode(written))) == values(written)
        assert values(encode(decode_xml(encode_xml(resource)))) == values(written)


def test_a_digit_that_is_lost_is_noticed() -> None:
    written = b'{"resourceType":"Observation","valueQuantity":{"value":1.50}}'
    assert values(json.dumps(json.loads(written)).encode()) != values(written)
    assert values(written) == values(encode(decode(written)))
