"""The FHIR API: one interaction in each file, named as in the specification."""
