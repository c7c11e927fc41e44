"""The question that a contract's answer answers: a SOAP 1.1 envelope about one person.

Source: rivta.md §0 (RIV-TA Basic Profile 2.1: LogicalAddress, SOAPAction; wrapper and its direct
children in the responder's namespace, what is deeper in the domain's), §1 (request filters and
spelling traps), §4.1 (hasMoreReference), §4.12 (interactionAgreementId). No period is stated, so
that an answer is as whole as the source can give it.
"""

from dataclasses import dataclass

from lxml import etree

from adapters.rivta.contracts import Contract
from mappings.personal_identity import (
    NATIONELLT_RESERVNUMMER,
    PERSONNUMMER,
    SAMORDNINGSNUMMER,
    Identity,
)

SOAP_1_1 = "http://schemas.xmlsoap.org/soap/envelope/"
REGISTRY = "urn:riv:itintegration:registry:1"
HSA_ID = "1.2.752.129.2.1.4.1"
OBSERVATIONS = "GetObservations"

_ROOT_OF = {
    PERSONNUMMER: "1.2.752.129.2.1.3.1",
    SAMORDNINGSNUMMER: "1.2.752.129.2.1.3.3",
    NATIONELLT_RESERVNUMMER: "1.2.752.74.9.1",
}
_LOCAL = "urn:oid:"

# Contracts whose domain types have another version than the message itself (rivta.md §1).
_TYPES = {"GetImagingOutcome": 3, "GetECGOutcome": 3, "GetCarePlans": 3, "GetCareServices": 3}
_INSTANCE_IDENTIFIERS = frozenset(
    {"GetCareDocumentation 3.0", "GetLaboratoryOrderOutcome 4.2", "GetObservations 1.0"}
)
_SOURCE_SYSTEM = {
    "GetCareDocumentation 2.1": "sourceSystemHSAid",
    "GetVaccinationHistory 2.0": "sourceSystemHSAid",
    "GetCareDocumentation 3.0": "sourceSystemId",
}


class CannotBeAsked(ValueError):
    """No question of this contract can be put about a number of this kind."""


@dataclass(frozen=True, slots=True)
class Question:
    """One contract, one person, and whom the question goes to.

    `more` is the reference of a hasMore; `agreement` an id that GetObservations requires.
    """

    contract: Contract
    person: Identity
    address: str
    more: str | None = None
    agreement: str | None = None


def major(contract: Contract) -> int:
    """Return the major version of the contract's message."""
    return int(contract.namespace.rpartition(":")[2])


def soap_action(contract: Contract) -> str:
    """Return the value of the SOAPAction header."""
    return f"{contract.namespace}:{contract.operation}"


def envelope(question: Question) -> bytes:
    """Return the SOAP message that asks.

    Raises:
        CannotBeAsked: the contracts have no type for the person's number.
    """
    contract = question.contract
    root = etree.Element(etree.QName(SOAP_1_1, "Envelope"), nsmap={"soap": SOAP_1_1})
    head = etree.SubElement(root, etree.QName(SOAP_1_1, "Header"))
    address = etree.SubElement(head, etree.QName(REGISTRY, "LogicalAddress"))
    address.text = question.address
    body = etree.SubElement(root, etree.QName(SOAP_1_1, "Body"))
    asked = etree.SubElement(body, etree.QName(contract.namespace, contract.operation))
    identified = contract.name in _INSTANCE_IDENTIFIERS
    names = ("root", "extension") if identified else ("type", "id")
    kind, number = _written(question.person)
    _pair(asked, contract, "patientId", dict(zip(names, (kind, number), strict=True)))
    if kind not in _ROOT_OF.values():
        _source_system(asked, question)
    if question.agreement is not None and contract.operation == OBSERVATIONS:
        _child(asked, contract, "interactionAgreementId").text = question.agreement
    if question.more is not None:
        _child(asked, contract, "hasMoreReference").text = question.more
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def _written(person: Identity) -> tuple[str, str]:
    """Return the OID and the number, as sources write them."""
    if person.system in _ROOT_OF:
        return _ROOT_OF[person.system], person.value
    if person.system.startswith(_LOCAL):
        return person.system.removeprefix(_LOCAL), person.value
    raise CannotBeAsked(
        "RIV-TA has no type for this kind of person number; ask with a personnummer,"
        " samordningsnummer or reserve number"
    )


def _source_system(asked: etree._Element, question: Question) -> None:
    """Name the source system, which a question about a local reserve number must (rivta.md §0)."""
    contract = question.contract
    if contract.operation == OBSERVATIONS:
        return
    name = _SOURCE_SYSTEM.get(contract.name, "sourceSystemHSAId")
    if contract.name in _INSTANCE_IDENTIFIERS:
        _pair(asked, contract, name, {"root": HSA_ID, "extension": question.address})
    else:
        _child(asked, contract, name).text = question.address


def _child(parent: etree._Element, contract: Contract, name: str) -> etree._Element:
    return etree.SubElement(parent, etree.QName(contract.namespace, name))


def _pair(parent: etree._Element, contract: Contract, name: str, values: dict[str, str]) -> None:
    element = _child(parent, contract, name)
    domain = contract.namespace.partition(f":{contract.operation}Responder")[0]
    types = f"{domain}:{_TYPES.get(contract.operation, major(contract))}"
    order = ("root", "extension", "id", "type")
    for key in sorted(values, key=order.index):
        etree.SubElement(element, etree.QName(types, key)).text = values[key]
