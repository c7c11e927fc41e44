"""The model of blocks and lifts: what each covers, for whom it stands, and what lifts it.

Written from the statutes' wording (SVOD 2:3, 2:5; PDL 4:4, 4:5), not from the code in consent/.
"""

from functools import cached_property

from consent.facts import BlockKind, Giver, LiftGround
from tests.prove.logic import Bool
from tests.prove.matching import Matching
from tests.prove.space import NUMBERS


class Blocks(Matching):
    """Which blocks stand towards the reader in one world, or in all of them."""

    def _blocks(self) -> list[str]:
        return [f"b{number}" for number in NUMBERS]

    def stands(self, b: str, kind: BlockKind) -> Bool:
        """The block is the person's own, of the kind, and set by now."""
        lg, w = self.lg, self.w
        return lg.all(
            self.true(f"{b}_on"),
            lg.eq(w[f"{b}_kind"], kind),
            lg.eq(w[f"{b}_set_by"], Giver.SELF),
            lg.any(self.none(w[f"{b}_set_at"]), self.by(w[f"{b}_set_at"])),
        )

    def covers(self, b: str) -> Bool:
        """The item is one of those that the block is about; any overlap of dates counts."""
        lg, w = self.lg, self.w
        return lg.all(
            lg.eq(w["owner"], w[f"{b}_owner"]),
            lg.any(self.none(w[f"{b}_unit"]), lg.eq(w["i_unit"], w[f"{b}_unit"])),
            lg.any(self.none(w[f"{b}_process"]), lg.eq(w["i_process"], w[f"{b}_process"])),
            lg.any(lg.eq(w[f"{b}_kind"], BlockKind.OUTER), self.care),
            lg.any(
                self.none(w[f"{b}_excluded"]),
                lg.no(lg.eq(w["info_type"], w[f"{b}_excluded"])),
            ),
            lg.any(
                self.none(w[f"{b}_info_to"]),
                self.none(w["date_from"]),
                lg.before(w["date_from"], w[f"{b}_info_to"]),
            ),
            lg.any(
                self.none(w[f"{b}_info_from"]),
                self.none(w["date_to"]),
                lg.before(w[f"{b}_info_from"], w["date_to"]),
            ),
        )

    def outside(self, b: str) -> Bool:
        """The reader stands outside the unit or process that an inner block is around."""
        lg, w = self.lg, self.w
        named = lg.any(
            *(
                lg.all(
                    lg.no(self.none(w[f"{b}_{place}"])),
                    lg.no(lg.eq(w[place], w[f"{b}_{place}"])),
                )
                for place in ("unit", "process")
            )
        )
        unnamed = lg.all(
            self.none(w[f"{b}_unit"]), self.none(w[f"{b}_process"]), lg.no(self.own_place)
        )
        return lg.any(named, unnamed)

    def lifted(self, b: str, ground: LiftGround | None = None) -> Bool:
        """A lift covers the reader and the item now, on the ground where one is named."""
        lg, w = self.lg, self.w
        return lg.any(
            *(
                lg.all(
                    self.true(f"{x}_on"),
                    lg.eq(w[f"{x}_block"], b),
                    self.unnamed_or(w[f"{x}_org"], w["org"]),
                    self.unnamed_or(w[f"{x}_unit"], w["unit"]),
                    self.unnamed_or(w[f"{x}_user"], "me"),
                    self.running(w[f"{x}_from"], w[f"{x}_to"]),
                    self.unnamed_or(w[f"{x}_of_unit"], w["i_unit"]),
                    self.unnamed_or(w[f"{x}_of_type"], w["info_type"]),
                    *([] if ground is None else [lg.eq(w[f"{x}_ground"], ground)]),
                )
                for x in ("l1", "l2")
            )
        )

    def _some_block(self, kind: BlockKind, *, towards_reader: bool, beyond: str) -> Bool:
        lg = self.lg
        parts = []
        for b in self._blocks():
            wanted = [self.stands(b, kind), self.covers(b)]
            if towards_reader:
                wanted.append(self.outside(b))
            if beyond == "not lifted":
                wanted.append(lg.no(self.lifted(b)))
            if beyond == "lifted without consent":
                wanted.append(self.lifted(b, LiftGround.EMERGENCY))
                wanted.append(lg.no(self.lifted(b, LiftGround.CONSENT)))
            parts.append(lg.all(*wanted))
        return lg.any(*parts)

    @cached_property
    def opposed(self) -> Bool:
        """An outer block covers the item, lifted for somebody or not."""
        return self._some_block(BlockKind.OUTER, towards_reader=False, beyond="")

    @cached_property
    def blocked_outwards(self) -> Bool:
        """Towards other organisations; a lift inside the vardgivare makes nothing available."""
        return self.lg.any(
            self._some_block(BlockKind.OUTER, towards_reader=False, beyond="not lifted"),
            self._some_block(BlockKind.INNER, towards_reader=False, beyond=""),
        )

    @cached_property
    def blocked_inside(self) -> Bool:
        return self._some_block(BlockKind.INNER, towards_reader=True, beyond="")

    @cached_property
    def inside_not_all_lifted(self) -> Bool:
        return self._some_block(BlockKind.INNER, towards_reader=True, beyond="not lifted")

    @cached_property
    def inside_lifted_without_consent(self) -> Bool:
        return self._some_block(
            BlockKind.INNER, towards_reader=True, beyond="lifted without consent"
        )

    def block_to_lift(self, kind: BlockKind) -> Bool:
        return self._some_block(kind, towards_reader=False, beyond="")
