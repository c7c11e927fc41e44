"""Delimited files, one or several that belong together, fitted by a source profile."""

from adapters.delimited.read import Delimited

__all__ = ["Delimited"]
