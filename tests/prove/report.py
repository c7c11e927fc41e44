"""docs/proof.md: what has been proved of the law as it is decided, for somebody who reads law."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.prove.comparison import Compared
from tests.prove.mutants import Fate
from tests.prove.proofs import Proof
from tests.prove.scopes import Scoped
from tests.prove.space import LAWS, size

HEAD = """\
# What is proved of the law as it is decided

Made by `make prove`; do not edit. Four things are held against each other:

1. **Claims.** The decision table of the statutes was written down a second time, as formulas, by
   the table and not by the code (`tests/prove/model.py`). A solver (z3) then looks for a situation
   in which a claim fails, among all {size:.0e} that the fields allow. "Proved" means that there is
   none, and that what the claim presupposes can happen.
2. **The code against the model.** The code decides the same situations as the model: every one that
   differs in at most two facts from a typical case of each route ("near"), and others drawn at
   random. A difference would be an error in one of the two.
3. **The query against the decision.** What the database gives, what the same clauses give in
   Python, and the decision for each item are one and the same.
4. **Each condition counts.** The law is tried without each numbered condition (docs/law.md) in
   turn; for each there is a scenario or a situation in which that makes a difference.

Periods run in whole days here; summer time and midnight are tried by the scenarios in `tests/law`.
There are at most two relations, answers, blocks, lifts and judgements in a situation.
"""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that one run came to."""

    proofs: Sequence[Proof]
    compared: Sequence[tuple[str, Compared]]
    scoped: Sequence[Scoped]
    fates: Sequence[Fate]

    def failures(self) -> list[str]:
        """Return what does not hold, a line each."""
        found = [
            f"{p.claim} under {p.law}: {p.verdict} {p.counterexample or ''}"
            for p in self.proofs
            if not p.proved
        ]
        found += [
            f"{law}, {c.kind}: {c.differing} of {c.worlds} differ; {c.first}"
            for law, c in self.compared
            if c.differing
        ]
        found += [
            f"{s.database}: {s.differing} of {s.items} differ; {s.first}"
            for s in self.scoped
            if s.differing
        ]
        return found + [
            f"nothing kills {f.mutant}: {f.text}" for f in self.fates if not f.killed_by
        ]


def page(evidence: Evidence) -> str:
    """Return the report as Markdown."""
    failed = evidence.failures()
    verdict = "Everything below holds." if not failed else "**Something does not hold.**"
    parts = [
        HEAD.format(size=size()),
        f"{verdict}\n",
        *(f"* {line}" for line in failed),
        "\n## Claims\n",
        f"| Claim | {' | '.join(LAWS)} | What it says |",
        f"|---|{'---|' * len(LAWS)}---|",
        *_claims(evidence.proofs),
        "\n## The code against the model\n",
        "| Law | Situations | Worlds | Content | Rungs alone | Differing |",
        "|---|---|---|---|---|---|",
        *_compared(evidence.compared),
        "\n## The query against the decision\n",
        "| Database | Readers | Items decided | Content | Differing |",
        "|---|---|---|---|---|",
        *(
            f"| {s.database} | {s.readers:,} | {s.items:,} | {s.permitted:,} | {s.differing} |"
            for s in evidence.scoped
        ),
        "\n## Each condition counts\n",
        *_fates(evidence.fates),
    ]
    return "\n".join(parts) + "\n"


def _claims(proofs: Sequence[Proof]) -> Iterator[str]:
    by_name: dict[str, dict[str, Proof]] = defaultdict(dict)
    for proof in proofs:
        by_name[proof.claim][proof.law] = proof
    for name, under in by_name.items():
        verdicts = [under[law].verdict if law in under else "does not apply" for law in LAWS]
        says = next(iter(under.values())).says
        yield f"| `{name}` | {' | '.join(verdicts)} | {says} |"


def _compared(compared: Sequence[tuple[str, Compared]]) -> Iterator[str]:
    kinds: dict[tuple[str, str], list[Compared]] = defaultdict(list)
    for law, each in compared:
        kinds[law, each.kind.partition(":")[0].partition(" with")[0]].append(each)
    for (law, kind), all_of_it in kinds.items():
        sums = [
            sum(column)
            for column in zip(
                *((c.worlds, c.permitted, c.metadata, c.differing) for c in all_of_it), strict=True
            )
        ]
        where = f"{kind} {len(all_of_it)} places" if kind in ("near", "beside") else kind
        yield f"| {law} | {where} | {' | '.join(f'{each:,}' for each in sums)} |"


def _fates(fates: Sequence[Fate]) -> Iterator[str]:
    killed = Counter((f.killed_by or "nothing").partition(" ")[0] for f in fates)
    yield (
        f"{len(fates)} conditions; without them a scenario notices {killed['scenario']}, and a"
        f" situation in the comparison {killed['a']} more. Nothing notices {killed['nothing']}.\n"
    )
    yield "| Condition | Asks that | Without it |"
    yield "|---|---|---|"
    for fate in fates:
        yield f"| {fate.mutant} | {fate.text} | {fate.killed_by or '**nothing notices**'} |"
