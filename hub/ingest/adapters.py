"""The adapters that this hub has, by the name that sources give.

Source: DESIGN §2. A new kind of source is one line here and a folder under adapters/.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.delimited.read import Delimited
from adapters.document import Adapter
from adapters.json_export.read import JsonExport
from adapters.rivta.read import RivtaAdapter
from adapters.xml_export.read import XmlExport


@dataclass(frozen=True, slots=True)
class Known:
    """An adapter, and what its deliveries are like.

    `keeps_unreadable`: one that cannot be read is kept whole (P6). A social services export may
    hold what SVOD does not cover, so of such a one only a keyed hash, size, place and reason
    remain, and it is read from where it stands, a person at a time. `holds_everybody`: a complete
    one names every person of the source, not just one.
    """

    adapter: Adapter
    keeps_unreadable: bool
    holds_everybody: bool


ADAPTERS: Mapping[str, Known] = {
    "rivta": Known(RivtaAdapter(), keeps_unreadable=True, holds_everybody=False),
    "xml_export": Known(XmlExport(), keeps_unreadable=False, holds_everybody=True),
    "json_export": Known(JsonExport(), keeps_unreadable=False, holds_everybody=True),
    "delimited": Known(Delimited(), keeps_unreadable=False, holds_everybody=True),
}
