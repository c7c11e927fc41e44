"""Declarative mapping tables, code systems, and the engine that runs them."""
