"""Units of measure compared: a UCUM code as a factor on base units, for the units that care uses.

Source: UCUM, tables 1 to 3 and the grammar of units, the multiplicative part. Units that are not a
multiple of base units (Cel, [degF], [pH], arbitrary units such as [iU]) are compared only with
themselves.
"""

import math
import re
from dataclasses import dataclass
from functools import lru_cache

SYSTEM = "http://unitsofmeasure.org"

_PREFIXES = {
    "T": 1e12, "G": 1e9, "M": 1e6, "k": 1e3, "h": 1e2, "da": 1e1, "d": 1e-1,
    "c": 1e-2, "m": 1e-3, "u": 1e-6, "n": 1e-9, "p": 1e-12, "f": 1e-15,
}  # fmt: skip

# An atom: factor; exponents of metre, second, gram, mole and kelvin; whether it takes prefixes.
_LENGTH, _TIME, _MASS, _MOLE, _KELVIN = ((1, 0, 0, 0, 0), (0, 1, 0, 0, 0), (0, 0, 1, 0, 0),
                                         (0, 0, 0, 1, 0), (0, 0, 0, 0, 1))  # fmt: skip
_NONE, _VOLUME, _PRESSURE = (0, 0, 0, 0, 0), (3, 0, 0, 0, 0), (-1, -2, 1, 0, 0)
_ENERGY, _FORCE, _POWER = (2, -2, 1, 0, 0), (1, -2, 1, 0, 0), (2, -3, 1, 0, 0)
_RATE, _CATALYTIC = (0, -1, 0, 0, 0), (0, -1, 0, 1, 0)
_ATOMS = {
    "m": (1.0, _LENGTH, True), "s": (1.0, _TIME, True), "g": (1.0, _MASS, True),
    "mol": (1.0, _MOLE, True), "K": (1.0, _KELVIN, True),
    "L": (1e-3, _VOLUME, True), "l": (1e-3, _VOLUME, True),
    "min": (60.0, _TIME, False), "h": (3600.0, _TIME, False), "d": (86400.0, _TIME, False),
    "wk": (604800.0, _TIME, False), "mo": (2629800.0, _TIME, False),
    "a": (31557600.0, _TIME, False),
    "Pa": (1e3, _PRESSURE, True), "bar": (1e8, _PRESSURE, True),
    "m[Hg]": (133322e3, _PRESSURE, True), "m[H2O]": (9806650.0, _PRESSURE, True),
    "J": (1e3, _ENERGY, True), "cal": (4184.0, _ENERGY, True),
    "N": (1e3, _FORCE, True), "W": (1e3, _POWER, True), "Hz": (1.0, _RATE, True),
    "kat": (1.0, _CATALYTIC, True), "U": (1 / 60e6, _CATALYTIC, True),
    "t": (1e6, _MASS, True), "[lb_av]": (453.59237, _MASS, False),
    "[oz_av]": (28.349523125, _MASS, False),
    "[in_i]": (0.0254, _LENGTH, False), "[ft_i]": (0.3048, _LENGTH, False),
    "%": (1e-2, _NONE, False), "[ppth]": (1e-3, _NONE, False), "[ppm]": (1e-6, _NONE, False),
    "10*": (10.0, _NONE, False), "10^": (10.0, _NONE, False),
}  # fmt: skip
_PART = re.compile(
    r"([./]?)(\d{1,9}(?![*^\d])|(?:10[*^]|(?:\[[^\]]*\]|[A-Za-z%])+))?([+-]?\d{1,2}(?!\d))?(\{[^}]*\})?"
)


_MAX_LENGTH, _MAX_EXPONENT = 64, 100


@dataclass(frozen=True, slots=True)
class Canonical:
    """A unit as a multiple of base units; units with the same `dimension` can be compared."""

    factor: float
    dimension: str


@lru_cache(maxsize=1024)
def canonical(code: str) -> Canonical | None:
    """Return a UCUM code in base units, or None when it cannot be compared with other units."""
    if len(code) > _MAX_LENGTH:
        return None
    factor, powers, at = 1.0, [0, 0, 0, 0, 0], 0
    while at < len(code):
        match = _PART.match(code, at)
        if match is None or match[1] not in (("", "/") if at == 0 else ("/", ".")):
            return None
        sign = -1 if match[1] == "/" else 1
        exponent = sign * int(match[3] or 1)
        atom = _atom(match[2], annotated=match[4] is not None)
        if atom is None:
            return None
        if not atom[0] or abs(exponent) * abs(math.log10(atom[0])) > _MAX_EXPONENT:
            return None
        factor *= atom[0] ** exponent
        powers = [each + exponent * more for each, more in zip(powers, atom[1], strict=True)]
        at = match.end()
        if at < len(code) and code[at] not in "./":
            return None
    if not code or not math.isfinite(factor) or factor == 0:
        return None
    return Canonical(factor, ".".join(str(each) for each in powers))


def _atom(name: str | None, *, annotated: bool) -> tuple[float, tuple[int, ...]] | None:
    if name is None:
        return (1.0, _NONE) if annotated else None
    if name.isdecimal():
        return float(name), _NONE
    if name in _ATOMS:
        return _ATOMS[name][:2]
    for prefix, size in _PREFIXES.items():
        atom = _ATOMS.get(name.removeprefix(prefix)) if name.startswith(prefix) else None
        if atom is not None and atom[2]:
            return size * atom[0], atom[1]
    return None
