"""A record's tree in one pass: what says nothing is left out, whatever else stands beside it."""

from lxml import etree

from adapters.document import Tree
from adapters.rivta.tree import build, has_attributes

WRITTEN = """<r xmlns:x="http://www.w3.org/2001/XMLSchema-instance" own="not taken">
  <head><id><root>1</root><extension>?</extension></id><empty/><blank><a></a></blank></head>
  <body kind="b">
    <many>1</many><one>text</one><many>2</many><many unit="g">3</many><many x:nil="true"/>
    <deep><deep><deep>x</deep></deep><deep>y</deep></deep>
  </body>
  <last>z</last>
</r>"""


def test_every_element_is_taken_once_and_in_its_place() -> None:
    record = etree.fromstring(WRITTEN)
    expected = {
        "head": {"id": {"root": "1"}},
        "body": {
            "many": ["1", "2", {"@unit": "g", "#text": "3"}],
            "one": "text",
            "deep": {"deep": [{"deep": "x"}, "y"]},
            "@kind": "b",
        },
        "last": "z",
    }
    assert build(record) == expected
    head = build(record[0])
    assert build(record, "head", head) == expected
    assert list(build(record, "head", head)) == ["head", "body", "last"]
    assert build(etree.fromstring("<r/>")) == Tree()


def test_a_header_that_was_read_before_is_not_read_again() -> None:
    record = etree.fromstring(WRITTEN)
    given = Tree({"given": "1"})
    assert build(record, "head", given)["head"] is given
    assert "head" not in build(record, "head", Tree())


def test_attributes_are_passed_over_only_where_there_are_none() -> None:
    record = etree.fromstring(WRITTEN)
    assert has_attributes(record)
    assert not has_attributes(record[0])
    assert build(record[0], attributes=False) == build(record[0])
