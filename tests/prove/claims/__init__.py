"""The claims about the law, by what they are about; importing this enters them all."""

from tests.prove.claims import act, drafts, inside, operations, persons
from tests.prove.claims.entered import CLAIMS, Claim

__all__ = ["CLAIMS", "Claim", "act", "drafts", "inside", "operations", "persons"]
