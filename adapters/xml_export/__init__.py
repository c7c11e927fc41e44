"""A municipality's nested XML export, fitted by a source profile."""

from adapters.xml_export.read import XmlExport

__all__ = ["XmlExport"]
