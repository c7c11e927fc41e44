"""FHIR R4 (4.0.1) as the hub handles it: JSON, the strict check, search parameters, outcomes."""
