"""What an engagement index tells: Update and ProcessNotification, read from their SOAP messages.

Source: rivta.md §5 (one post for each person, category and system; deletions refresh it too), §1
(which category stands for which contract).
"""

from dataclasses import dataclass

from lxml import etree

from adapters.document import Unreadable
from adapters.hardened_xml import MEGABYTE, Limits, parse
from adapters.rivta.contracts import CONTRACTS
from adapters.rivta.envelope import name_of, open_message
from adapters.rivta.tree import build
from mappings.paths import child, leaf

INDEX = "urn:riv:itintegration:engagementindex"
LIMITS = Limits(size=2 * MEGABYTE)
MOST = 1000

_OPERATIONS = {
    "voo": ("GetCareDocumentation",),
    "dia": ("GetDiagnosis",),
    "upp": ("GetAlertInformation",),
    "pad-pad": ("GetFunctionalStatus",),
    "fun-fun": ("GetFunctionalStatus",),
    "caa-gmh": ("GetMedicationHistory",),
    "caa-gvh": ("GetVaccinationHistory",),
    "vko": ("GetCareContacts",),
    "cll-cp": ("GetCarePlans",),
    "und-kon-ure": ("GetReferralOutcome",),
    "und-kkm-ure": ("GetLaboratoryOrderOutcome",),
    "und-bdi-ure": ("GetImagingOutcome",),
    "utr-mtr": ("GetMaternityMedicalHistory",),
    "und-ekg-ure": ("GetECGOutcome",),
    "chb-o": ("GetObservations",),
}


@dataclass(frozen=True, slots=True)
class Engagement:
    """That something about a person has changed in a system; `contracts` tell of what kind.

    `owner`: the index or system that made the post, where it says so.
    """

    person: str
    category: str
    logical_address: str
    source_system: str
    owner: str = ""

    @property
    def contracts(self) -> frozenset[str]:
        """Return the contracts that the category stands for; none for one that is not read."""
        operations = _OPERATIONS.get(self.category, ())
        return frozenset(each.name for each in CONTRACTS if each.operation in operations)


def payload(content: bytes, operation: str) -> etree._Element:
    """Return the message of an operation.

    Raises:
        Unreadable: it is hostile, damaged, too large, or another message.
    """
    root = parse(content, limits=LIMITS)
    opened = open_message(root)
    wanted = (f"{INDEX}:{operation}Responder:1", operation)
    if opened.payload is None or name_of(opened.payload) != wanted:
        raise Unreadable(
            "wrong-message",
            f"line {root.sourceline}",
            f"this service takes {operation} of engagementindex 1.0; see its ?wsdl",
        )
    return opened.payload


def engagements(message: etree._Element) -> list[Engagement]:
    """Return what a valid message tells, each once; deletions are changes like others."""
    found: dict[Engagement, None] = {}
    for transaction in message:
        post = child(build(transaction), "engagement")
        said = Engagement(
            *(
                (leaf(post, name) or "").strip()
                for name in (
                    "registeredResidentIdentification",
                    "categorization",
                    "logicalAddress",
                    "sourceSystem",
                    "owner",
                )
            )
        )
        found[said] = None
    return list(found)
