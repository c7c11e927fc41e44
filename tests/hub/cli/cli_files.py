"""Files as a beginner writes them."""

from tests.hub.ingest.documents import NAMND, OFFICE, OTHER_REGION, REGION, SIGNE, WARD

ORGANISATIONS = f"""
organisations:
  - id: {REGION}
    name: Region Ekskog
    kind: [vardgivare]
    informs_from: 2024-01-01
    makes_available_from: 2024-01-01
    units: [{{id: {WARD}, name: Medicinkliniken}}]
  - {{id: {OTHER_REGION}, name: Region Granfjäll, kind: [vardgivare]}}
  - {{id: {NAMND}, name: Nämnden, kind: [omsorgsgivare]}}
"""
SOURCES = f"""
sources:
  - {{id: journal, adapter: rivta, owners: [{REGION}]}}
  - id: social
    adapter: xml_export
    owners: [{NAMND}]
    owner_of: [{{hsa: {OFFICE}, regime: SoL, owner: {NAMND}}}]
    profile: lifecare_like
"""
WITH_OTHER = SOURCES.replace(f"owners: [{REGION}]", f"owners: [{REGION}, {OTHER_REGION}]")
FACTS = f"""
person:
  identifier: {{system: "http://electronichealth.se/identifier/personnummer", value: "{SIGNE}"}}
  age: 84
relations:
  - {{organisation: {REGION}, unit: {WARD}, kind: patient, state: current, from: 2024-01-01}}
"""
