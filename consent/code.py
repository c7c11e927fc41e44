"""A code: one word of a closed vocabulary, as it is written in files, tables and the API."""

from enum import StrEnum


class Code(StrEnum):
    """A code of the law's vocabulary: equal to, and found by, its written form."""

    __hash__ = str.__hash__
