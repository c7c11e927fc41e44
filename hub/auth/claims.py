"""The names of the claims that the hub reads.

Source: the claims of Inera's IdP (employeeHsaId and the like, as its attribute list has them), RFC
7519, RFC 9068, SMART App Launch 2.0. Those under `urn:samvy:` are ours: in which capacity somebody
acts has no name elsewhere.
"""

from consent.facts import Purpose

EMPLOYEE = "employeeHsaId"
COMMISSION = "commissionHsaId"
COMMISSION_PURPOSE = "commissionPurpose"
COMMISSION_RIGHT = "commissionRight"
ALL_COMMISSIONS = "allCommissions"
UNIT = "healthCareUnitHsaId"
PROVIDER = "healthCareProviderHsaId"
PERSONAL_NUMBER = "personalIdentityNumber"

OF_A_COMMISSION = (COMMISSION, COMMISSION_PURPOSE, COMMISSION_RIGHT, UNIT, PROVIDER)
"""What belongs to one assignment, at the top of a token and in each entry of allCommissions."""

ATTRIBUTES = frozenset({EMPLOYEE, COMMISSION, COMMISSION_PURPOSE, UNIT, PROVIDER, PERSONAL_NUMBER})
"""What HSA calls attributes, which some identity providers write as lists of one value."""

MAPPED = frozenset(
    {EMPLOYEE, *OF_A_COMMISSION, ALL_COMMISSIONS, PERSONAL_NUMBER, "acr", "scope", "client_id"}
)
"""The claims that an issuer may have other names for."""

CAPACITY = "urn:samvy:as"
PURPOSE = "urn:samvy:purpose"
PERSON = "urn:samvy:person"
OURS = (CAPACITY, PURPOSE, PERSON)

COMMISSION_PURPOSES = {
    "Vård och behandling": Purpose.VARD,
    "Kvalitetssäkring": Purpose.KVALITET,
    "Statistik": Purpose.STATISTIK,
}
"""What an assignment is for in HSA's own words, as far as it is a purpose of ours."""

STRONG = frozenset(
    {
        "http://id.sambi.se/loa/loa3",
        "http://id.sambi.se/loa/loa4",
        "http://id.elegnamnden.se/loa/1.0/loa3",
        "http://id.elegnamnden.se/loa/1.0/loa4",
    }
)
"""The levels of assurance that count as strong authentication."""
LOA3 = "http://id.sambi.se/loa/loa3"
