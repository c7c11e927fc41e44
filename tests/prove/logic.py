"""The two readings of one model: of terms that a solver holds open, and of plain values.

The model of the law is written once, over a `Logic`. Read with `Solver` it is a formula of which
claims are proved; read with `Plain` it answers one world, so that it can be held to the code over
millions of them.
"""

from collections.abc import Callable, Hashable, Mapping
from typing import Any, Protocol

import z3

Term = Any  # a value in the plain reading, a term of the solver in the other
Bool = Any  # likewise: a bool, or a formula


class Logic(Protocol):
    """What the model may say of terms."""

    def eq(self, left: Term, right: Term) -> Bool:
        """The two are the same; a value that stands for none is like any other."""

    def before(self, left: Term, right: Term) -> Bool:
        """The one instant is earlier; neither is none."""

    def all(self, *parts: Bool) -> Bool:
        """Each is true."""

    def any(self, *parts: Bool) -> Bool:
        """One of them is true."""

    def no(self, part: Bool) -> Bool:
        """It is false."""

    def case(self, term: Term, ways: Mapping[Hashable, Callable[[], Bool]]) -> Bool:
        """The way of the term's value is true; false where the value has none."""


class Plain:
    """Values as they are."""

    def eq(self, left: Term, right: Term) -> Bool:
        """Compare two values."""
        return left == right

    def before(self, left: Term, right: Term) -> Bool:
        """Compare two instants; false where one is none, which no guarded comparison asks."""
        return left is not None and right is not None and left < right

    def all(self, *parts: Bool) -> Bool:
        """Conjunction."""
        return all(parts)

    def any(self, *parts: Bool) -> Bool:
        """Disjunction."""
        return any(parts)

    def no(self, part: Bool) -> Bool:
        """Negation."""
        return not part

    def case(self, term: Term, ways: Mapping[Hashable, Callable[[], Bool]]) -> Bool:
        """Take the one way that the value has."""
        return term in ways and ways[term]()


class Solver:
    """Terms of z3: an instant is its number, any other value a number of its own."""

    FIRST_CODE = 1_000

    def __init__(self) -> None:
        self._codes: dict[Hashable, int] = {}

    def code(self, value: Hashable) -> int:
        """The number that stands for a value; an instant, a small number, is its own."""
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        return self._codes.setdefault(value, self.FIRST_CODE + len(self._codes))

    def value(self, code: int) -> Hashable:
        """The value that a number stands for."""
        return next((value for value, each in self._codes.items() if each == code), code)

    def _term(self, value: Term) -> Term:
        return value if isinstance(value, z3.ExprRef) else z3.IntVal(self.code(value))

    def eq(self, left: Term, right: Term) -> Bool:
        """Compare two terms."""
        return self._term(left) == self._term(right)

    def before(self, left: Term, right: Term) -> Bool:
        """Compare two instants."""
        return self._term(left) < self._term(right)

    def all(self, *parts: Bool) -> Bool:
        """Conjunction."""
        return z3.And(*parts)

    def any(self, *parts: Bool) -> Bool:
        """Disjunction."""
        return z3.Or(*parts)

    def no(self, part: Bool) -> Bool:
        """Negation."""
        return z3.Not(part)

    def case(self, term: Term, ways: Mapping[Hashable, Callable[[], Bool]]) -> Bool:
        """One of the ways is taken."""
        return z3.Or(*(z3.And(self.eq(term, value), way()) for value, way in ways.items()))
