"""SOAP services of the hub: what an engagement index tells it."""
