"""FHIR R4's interactions with one resource, a file each, named as in http.html."""
