"""Every published search expression is compiled, and finds what another program finds."""

import json
import re
from functools import cache
from typing import Any

import pytest
from fhirpathpy import compile as compile_fhirpath
from fhirpathpy.models import models
from filled import filled
from official_examples import examples

from hub.fhir.definitions import TYPES_IN_USE, table
from hub.fhir.extract import index_rows
from hub.fhir.json_codec import decode
from hub.fhir.search_expression import Unsupported, compile_expression
from hub.fhir.search_parameters import Kind, SearchParameter, all_parameters, parameters
from hub.fhir.shape import is_a

LONG = 300_000
"""An example as long as this takes the other program a minute."""


def test_all_expressions_are_in_the_subset() -> None:
    assert len(all_parameters()) == 865
    for name in TYPES_IN_USE:
        index_rows({"resourceType": name})  # a kind without a converter for a type would raise


def test_only_geography_is_left_out() -> None:
    left_out = {
        (base, code)
        for base, rows in table("search_parameters").items()
        for code in rows
        if code not in parameters(base if base in TYPES_IN_USE else "Patient")
    }
    assert left_out == {("Location", "near")}


@pytest.mark.parametrize(
    "expression",
    [
        "Patient.name.first()",
        "Patient.nome",
        "Patient.name.where(use != 'old')",
        "Patient.name | ",
        "(Patient.deceased as Quantity)",
        "Patient.name[use]",
        "Patient.name + 1",
        "Patient.active and Patient.deceased",
    ],
)
def test_an_expression_outside_the_subset_fails_at_load(expression: str) -> None:
    with pytest.raises(Unsupported, match="is not in the subset"):
        compile_expression(expression, "Patient")


@cache
def _other(expression: str) -> Any:  # noqa: ANN401
    return compile_fhirpath(expression, models["r4"])


def _expected(parameter: SearchParameter, resource: dict[str, Any]) -> set[str] | None:
    expression = next(
        rows[parameter.code]["expression"]
        for base, rows in table("search_parameters").items()
        if parameter.code in rows and is_a(parameter.type, base)
    )
    if "resolve()" in expression:
        return None  # not implemented there
    # There, `as` takes one element only; ofType says the same of many.
    expression = re.sub(r"\((\S+) as (\w+)\)", r"\1.ofType(\2)", expression)
    expression = expression.replace(".as(", ".ofType(").removeprefix("Resource.")
    expression = re.sub(
        r"hasExtension\(('\S+')\)", r"extension.where(url = \1).exists()", expression
    )
    return {_text(each) for each in _other(expression)(resource)}


def _text(value: object) -> str:
    return json.dumps(getattr(value, "asStr", value), sort_keys=True, default=str)


def _compare(resource: dict[str, Any]) -> int:
    """How many parameters found something in both."""
    found = 0
    for parameter in parameters(resource["resourceType"]).values():
        ours = {_text(each) for _, each in parameter.extractor.values(resource)}
        theirs = _expected(parameter, resource)
        if theirs is not None:
            assert ours == theirs, (parameter.type, parameter.code)
            found += bool(ours)
    return found


@pytest.mark.parametrize("resource_type", TYPES_IN_USE)
def test_extractors_agree_with_fhirpath_on_filled_resources(resource_type: str) -> None:
    assert sum(_compare(filled(resource_type, seed)) for seed in range(6)) > 0


def test_extractors_agree_with_fhirpath_on_the_official_examples() -> None:
    kinds = [each for each in TYPES_IN_USE if each != "Bundle"]
    compared = [_compare(decode(written)) for _, written in examples(*kinds) if len(written) < LONG]
    assert len(compared) > 400
    assert sum(compared) > 4000


REFERENCES = [
    ({"reference": "Patient/1"}, True),
    ({"reference": "https://x.example/fhir/Patient/1"}, True),
    ({"reference": "Patient/1/_history/2"}, True),
    ({"type": "Patient", "identifier": {"value": "1"}}, True),
    ({"reference": "Group/1"}, False),
    ({"reference": "Group/Patient"}, False),
    ({"reference": "#p"}, False),
    ({"display": "x"}, False),
]


@pytest.mark.parametrize(("reference", "found"), REFERENCES)
def test_where_resolve_is_goes_by_what_the_reference_says(
    reference: dict[str, Any], *, found: bool
) -> None:
    extractor = parameters("Observation")["patient"].extractor
    resource = {"resourceType": "Observation", "subject": reference}
    assert bool(extractor.values(resource)) is found


@pytest.mark.parametrize(
    ("deceased", "found"),
    [({}, False), ({"deceasedBoolean": False}, False), ({"deceasedBoolean": True}, True),
     ({"deceasedDateTime": "2024"}, True)],
)  # fmt: skip
def test_deceased_is_a_question_with_an_answer(deceased: dict[str, Any], *, found: bool) -> None:
    extractor = parameters("Patient")["deceased"].extractor
    values = [value for _, value in extractor.values({"resourceType": "Patient", **deceased})]
    assert values == [found]


def test_composites_keep_their_components() -> None:
    parameter = parameters("Observation")["component-code-value-quantity"]
    assert parameter.kind is Kind.COMPOSITE
    assert [each.code for each in parameter.components] == [
        "component-code",
        "component-value-quantity",
    ]
    for each in parameter.components:
        base = parameter.extractor.paths[0].type
        assert compile_expression(each.expression, base).paths
