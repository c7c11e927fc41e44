"""A municipality's JSON export, nested or in flat tables, fitted by a source profile."""

from adapters.json_export.read import JsonExport

__all__ = ["JsonExport"]
