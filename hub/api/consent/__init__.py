"""Answers and blocks as FHIR Consent: made of the facts, read, searched, created and ended."""
