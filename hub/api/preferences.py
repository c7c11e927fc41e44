"""What a request prefers, of the ways in which it can be carried out.

Source: RFC 7240 §2: names in any case, values in quotes or without; FHIR R4 http.html#ops,
search.html#errors. A semicolon parts preferences too, as some clients write them.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

_PREFERENCE = re.compile(r'\s*([A-Za-z0-9-]+)\s*(?:=\s*("?)([^",;]*?)\2\s*)?')


@lru_cache(maxsize=256)
def preferences(prefer: str) -> Mapping[str, str]:
    """Return each preference, in lower case, with its value; the first of a name counts."""
    found: dict[str, str] = {}
    for each in re.split("[,;]", prefer):
        if (preference := _PREFERENCE.fullmatch(each)) is not None:
            found.setdefault(preference[1].lower(), preference[3] or "")
    return MappingProxyType(found)
