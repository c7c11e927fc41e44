"""Adapters: one folder for each kind of source; no mapping and no law."""
