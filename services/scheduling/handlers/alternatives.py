"""Where else a released session could be held, what that would take, and the plan that puts it there."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from services.contracts import rpc
from services.contracts.errors import refused
from services.contracts.values import HalfDay
from services.scheduling.domain.changes import compare
from services.scheduling.domain.choices import changes_slot, kilometres, told
from services.scheduling.domain.constraints.past import is_past
from services.scheduling.domain.demand import Basis, build, fingerprint
from services.scheduling.domain.explain.places import Place, Places
from services.scheduling.domain.history import is_sayable
from services.scheduling.domain.plan import Proposal, instant, sessions
from services.scheduling.domain.problem import Placement
from services.scheduling.domain.score import cost, crews_of
from services.scheduling.handlers.editions import basis_of, problem_of
from services.scheduling.ports import Transaction


def price_alternatives(request: rpc.PriceAlternatives, tx: Transaction) -> tuple[rpc.Alternative, ...]:
    """Other half-days of a session of the current release, the least trouble first."""
    found = _released(request.edition_id, request.session_id, tx).alternatives(request.session_id)
    return tuple(sorted(found, key=lambda each: (each.moves, each.told, each.kilometres, each.half_day)))


def move_session(request: rpc.MoveSession, tx: Transaction) -> str:
    """Keep the released plan with the session on another half-day, as its price was told, as a proposal."""
    plan = _released(request.edition_id, request.session_id, tx)
    place = next((place for half, place in plan.others(request.session_id) if half == request.half_day), None)
    if place is None:
        raise refused("half_day_gone")
    placements = tuple({**plan.places.placed, **{p.demand_id: p for p in place.changed}}.values())
    proposal = Proposal(
        id=str(uuid.uuid4()),
        edition_id=request.edition_id,
        made_at=tx.now,
        inputs=fingerprint(build(plan.basis)),
        basis=plan.basis,
        placements=placements,
        status="feasible",
        cost=cost(plan.places.problem, placements),
        bound=None,
    )
    tx.proposals.add(proposal)
    return proposal.id


def _released(edition_id: str, session_id: str, tx: Transaction) -> _Released:
    basis = basis_of(tx, edition_id)
    release = tx.releases.current(edition_id)
    if release is None:
        raise refused("no_release")
    problem = problem_of(tx, basis)
    released = tx.proposals.get(edition_id, release.proposal_id).placements
    plan = _Released(basis, Places(problem, [p for p in released if is_sayable(problem, p)]))
    if session_id not in plan.places.placed:
        raise refused("unknown_session")
    return plan


@dataclass(frozen=True)
class _Released:
    """The release in force, what of it can still be held."""

    basis: Basis
    places: Places

    def others(self, session_id: str) -> Iterator[tuple[HalfDay, Place]]:
        """Yield every other half-day that breaks no rule; none for a session that is over."""
        if not is_past(self.places.problem, self.places.placed[session_id]):
            for place in self.places.others(session_id):
                yield HalfDay(place.day, "pm" if place.half else "am"), place

    def alternatives(self, session_id: str) -> Iterator[rpc.Alternative]:
        """Yield them with what they would take."""
        before = kilometres(self.places.problem, list(self.places.placed.values()))
        for half_day, place in self.others(session_id):
            yield self._alternative(session_id, half_day, place, before)

    def _alternative(self, session_id: str, half_day: HalfDay, place: Place, before: int) -> rpc.Alternative:
        placed = self.places.placed
        after = {p.demand_id: p for p in place.changed}
        changes = compare(
            sessions(self.basis, [placed[id_] for id_ in after]), sessions(self.basis, list(after.values()))
        )
        new = after[session_id]
        noon = self.basis.edition.noon
        moves = sum(changes_slot(change, noon) for change in changes)
        return rpc.Alternative(
            half_day=half_day,
            starts_at=instant(new.day, new.start),
            provider_id=self.places.problem.crew_by_id[new.crew_id].provider_id,
            moves=moves,
            told=told(changes),
            kilometres=kilometres(self.places.problem, list({**placed, **after}.values())) - before,
            exact=moves == 1 or (moves == 2 and self._is_full(new)),
        )

    def _is_full(self, new: Placement) -> bool:
        """Whether the teams that could give the session that day give all they can: another one has to go."""
        problem, placed = self.places.problem, self.places.placed
        crews = [c for c in crews_of(problem, problem.task_of(new).provider_kind) if new.day in c.available]
        ids = {crew.id for crew in crews}
        held = [p for p in placed.values() if p.day == new.day and p.crew_id in ids and p.demand_id != new.demand_id]
        return len(held) >= sum(crew.max_sessions for crew in crews)
