"""Code systems as data: OIDs with their FHIR systems, and code lists with their displays."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from mappings.located_yaml import TableError, read

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class System:
    """A code system: its FHIR uri, its name, a version to state, and where this is known from."""

    uri: str
    name: str
    origin: str
    version: str | None = None
    use: str = "code"


@dataclass(frozen=True, slots=True)
class CodeList:
    """A list of codes with displays, and the system that they are stated in."""

    name: str
    uri: str
    codes: Mapping[str, str]
    synonyms: Mapping[str, str]


@lru_cache(maxsize=1)
def oids() -> Mapping[str, System]:
    """Return what is known of each OID.

    Raises:
        TableError: the file says something that cannot be used.
    """
    path = FOLDER / "oids.yaml"
    found = {}
    for oid, entry in read(path)["oids"].items():
        try:
            found[oid] = System(**entry)
        except TypeError as error:
            message = f"{path}:{entry.line}: {oid}: {error}"
            raise TableError(message) from error
    return found


@lru_cache(maxsize=64)
def code_list(name: str) -> CodeList:
    """Return the code list of that name (a file of this folder).

    Raises:
        TableError: there is no such list, or it lacks its system, origin or codes.
    """
    path = FOLDER / f"{name}.yaml"
    spec = read(path)
    for key in ("system", "origin", "codes"):
        if not spec.get(key):
            message = f"{path}:1: a code list needs '{key}'"
            raise TableError(message)
    synonyms = {str(word).lower(): code for word, code in (spec.get("synonyms") or {}).items()}
    synonyms |= {display.lower(): code for code, display in spec["codes"].items()}
    return CodeList(name, spec["system"], spec["codes"], synonyms)
