"""FHIR R4 operations, how one is called and how each is described (operations.html)."""
