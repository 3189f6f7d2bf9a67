"""Where else a session of a plan could be held, what that would take, and the plan that puts it there."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from services.contracts import rpc
from services.contracts.errors import refused
from services.contracts.values import Change, HalfDay, Session, Violation
from services.scheduling.domain.changes import compare
from services.scheduling.domain.choices import changes_slot, kilometres, told
from services.scheduling.domain.constraints.past import is_past
from services.scheduling.domain.demand import Basis, build, fingerprint
from services.scheduling.domain.explain.elsewhere import Elsewhere
from services.scheduling.domain.explain.labels import Labels, labels_of_basis
from services.scheduling.domain.explain.places import Place, Places
from services.scheduling.domain.history import is_sayable, minute_of
from services.scheduling.domain.plan import Proposal, instant, saying
from services.scheduling.domain.problem import Placement
from services.scheduling.domain.rules import BY_NAME, HOLDS_BACK, at, level_of
from services.scheduling.domain.score import cost, crews_of
from services.scheduling.handlers.editions import basis_of, problem_of, refuse_clash
from services.scheduling.handlers.jobs import queued
from services.scheduling.ports import Transaction


def price_alternatives(request: rpc.PriceAlternatives, tx: Transaction) -> tuple[rpc.Alternative, ...]:
    """Other half-days of a session of the current release, the least trouble first."""
    plan, _ = _released(request.edition_id, request.session_id, tx)
    found = plan.alternatives(request.session_id)
    return tuple(sorted(found, key=lambda each: (each.moves, each.told, each.kilometres, each.half_day)))


def price_cells(request: rpc.PriceCells, tx: Transaction) -> tuple[rpc.Cell, ...]:
    """Every cell of the board, by team and in the order of time."""
    plan = _held(request.edition_id, tx.proposals.get(request.edition_id, request.proposal_id), tx)
    if request.session_id not in plan.places.problem.demand_by_id:
        raise refused("unknown_session")
    places = plan.places.everywhere(request.session_id, request.days or plan.places.problem.days)
    return tuple(plan.cell(request.session_id, place) for place in places)


def price_time(request: rpc.PriceTime, tx: Transaction) -> rpc.Cell:
    """A session of the current release at another minute, with its present team."""
    plan, _ = _released(request.edition_id, request.session_id, tx)
    return plan.cell(request.session_id, plan.at_time(request))


def move_to_time(request: rpc.MoveToTime, tx: Transaction) -> str:
    """Keep the plan with the session at another minute, as its price was told, as a proposal."""
    plan, from_plan = _released(request.edition_id, request.session_id, tx)
    place = plan.at_time(request)
    if at(plan.judged(place.broken), HOLDS_BACK):
        raise refused("time_gone")
    return _keep(tx, plan, place.changed, from_plan, request.session_id)


def move_session(request: rpc.MoveSession, tx: Transaction) -> str:
    """Keep the plan with the session on another half-day, as its price was told, as a proposal."""
    if request.proposal_id:
        from_plan = tx.proposals.get(request.edition_id, request.proposal_id)
        plan = _held(request.edition_id, from_plan, tx)
        place = plan.dropped(request)
    else:
        plan, from_plan = _released(request.edition_id, request.session_id, tx)
        place = next((place for half, place in plan.others(request.session_id) if half == request.half_day), None)
    if place is None:
        raise refused("half_day_gone")
    return _keep(tx, plan, place.changed, from_plan, request.session_id)


def price_exactly(request: rpc.PriceExactly, tx: Transaction) -> rpc.Job:
    """Queue a solve that holds a session in a cell: what it costs more than the plan is the price."""
    proposal = tx.proposals.get(request.edition_id, request.proposal_id)
    plan = _held(request.edition_id, proposal, tx)
    place = plan.dropped(request)
    if place and place.broken:  # others may give way
        place = _Held(plan.basis, Places(plan.places.problem, ())).dropped(request)
    if place is None:
        raise refused("half_day_gone")
    own = next(p for p in place.changed if p.demand_id == request.session_id)
    refuse_clash(tx, request.edition_id, own)
    start, points = instant(own.day, own.start), plan.places.price
    tried = rpc.Tried(proposal.id, own.demand_id, own.crew_id, own.site_id, request.half_day, start, points)
    return queued(rpc.ProposePlan(request.edition_id, request.seconds), tx, tried)


def restore_release(request: rpc.RestoreRelease, tx: Transaction) -> str:
    """Keep a release as a draft, less what can no longer be held."""
    release = tx.releases.get(request.edition_id, request.number)
    from_plan = tx.proposals.get(request.edition_id, release.proposal_id)
    return _keep(tx, _held(request.edition_id, from_plan, tx), (), from_plan)


def take_up_proposal(request: rpc.TakeUpProposal, tx: Transaction) -> str:
    """Keep an earlier proposal as a draft, less what can no longer be held."""
    from_plan = tx.proposals.get(request.edition_id, request.proposal_id)
    return _keep(tx, _held(request.edition_id, from_plan, tx), (), from_plan)


def _keep(tx: Transaction, plan: _Held, changed: Sequence[Placement], from_plan: Proposal, session_id: str = "") -> str:
    """Keep a plan with some sessions changed as a draft and return its id."""
    placements = plan.places.after(changed)
    draft = Proposal(
        id=str(uuid.uuid4()),
        edition_id=from_plan.edition_id,
        made_at=tx.now,
        inputs=fingerprint(build(plan.basis)),
        basis=plan.basis,
        placements=placements,
        status="feasible",
        cost=cost(plan.places.problem, placements),
        bound=None,
        made_from=from_plan.id,
        moved=session_id,
    )
    tx.proposals.add(draft)
    return draft.id


def _released(edition_id: str, session_id: str, tx: Transaction) -> tuple[_Held, Proposal]:
    release = tx.releases.current(edition_id)
    if release is None:
        tx.editions.get(edition_id)
        raise refused("no_release")
    proposal = tx.proposals.get(edition_id, release.proposal_id)
    plan = _held(edition_id, proposal, tx)
    if session_id not in plan.places.placed:
        raise refused("unknown_session")
    return plan, proposal


def _held(edition_id: str, proposal: Proposal, tx: Transaction) -> _Held:
    basis = basis_of(tx, edition_id)
    problem = problem_of(tx, basis)
    return _Held(basis, Places(problem, [p for p in proposal.placements if is_sayable(problem, p)]))


@dataclass(frozen=True)
class _Held:
    """What of a plan can still be held, by today's inputs."""

    basis: Basis
    places: Places

    def dropped(self, request: rpc.MoveSession | rpc.PriceExactly) -> Place | None:
        """Return what a session gets in a cell; None when that team could not give it then."""
        problem, half = self.places.problem, int(request.half_day.half == "pm")
        if request.session_id not in problem.demand_by_id:
            raise refused("unknown_session")
        return self.places.at(request.session_id, request.half_day.day, half, request.team_id or None)

    def at_time(self, request: rpc.PriceTime | rpc.MoveToTime) -> Place:
        """Return what a session gets at a minute."""
        return self.places.at_minute(request.session_id, *minute_of(request.starts_at))

    def cell(self, session_id: str, place: Place) -> rpc.Cell:
        """Return a place with its price and the sentences of what it breaks."""
        changes = self._changes(place)
        return rpc.Cell(
            team_id=place.crew_id,
            half_day=_half_day(place),
            starts_at=instant(place.day, place.start),
            points=self.places.points(place.changed) if place.points is None else place.points,
            minutes=self.places.road(place.changed),
            told=told(changes),
            shifted=sum(change.session_id != session_id for change in changes),
            exchange=self._group(place.exchange) if place.exchange else "",
            broken=self.judged(place.broken),
        )

    def judged(self, broken: Iterable[Violation]) -> tuple[Violation, ...]:
        """Return what is broken in names, with the edition's levels; rules that are off are not said."""
        levels = self.basis.edition.rules
        judged = (replace(violation, level=level_of(BY_NAME[violation.rule], levels)) for violation in broken)
        return tuple(self._labels.named(violation) for violation in judged if violation.level != "off")

    def _group(self, session_id: str) -> str:
        group_id = self.places.problem.demand_by_id[session_id].group_id
        return self._labels.groups[group_id]

    @cached_property
    def _labels(self) -> Labels:
        return labels_of_basis(self.basis)

    def others(self, session_id: str) -> Iterator[tuple[HalfDay, Place]]:
        """Yield every other half-day that breaks no rule; none for a session that is over."""
        if not is_past(self.places.problem, self.places.placed[session_id]):
            for place in Elsewhere(self.places, session_id).found():
                yield _half_day(place), place

    def alternatives(self, session_id: str) -> Iterator[rpc.Alternative]:
        """Yield them with what they would take."""
        before = kilometres(self.places.problem, list(self.places.placed.values()))
        for half_day, place in self.others(session_id):
            yield self._alternative(session_id, half_day, place, before)

    def _alternative(self, session_id: str, half_day: HalfDay, place: Place, before: int) -> rpc.Alternative:
        new = next(p for p in place.changed if p.demand_id == session_id)
        changes, noon = self._changes(place), self.basis.edition.noon
        moves = sum(changes_slot(change, noon) for change in changes)
        return rpc.Alternative(
            half_day=half_day,
            starts_at=instant(new.day, new.start),
            provider_id=self.places.problem.crew_by_id[new.crew_id].provider_id,
            moves=moves,
            told=told(changes),
            kilometres=kilometres(self.places.problem, self.places.after(place.changed)) - before,
            exact=moves == 1 or (moves == 2 and self._is_full(new)),
        )

    def _changes(self, place: Place) -> tuple[Change, ...]:
        """Return what becomes of the sessions of a plan when one gets this place."""
        placed = self.places.placed
        was = [placed[p.demand_id] for p in place.changed if p.demand_id in placed]
        return compare(self._said(was), self._said(place.changed))

    @cached_property
    def _said(self) -> Callable[[Iterable[Placement]], tuple[Session, ...]]:
        return saying(self.basis)

    def _is_full(self, new: Placement) -> bool:
        """Whether the teams that could give the session that day give all they can: another one has to go."""
        problem, placed = self.places.problem, self.places.placed
        crews = [c for c in crews_of(problem, problem.task_of(new).provider_kind) if new.day in c.available]
        ids = {crew.id for crew in crews}
        held = [p for p in placed.values() if p.day == new.day and p.crew_id in ids and p.demand_id != new.demand_id]
        return len(held) >= sum(crew.max_sessions for crew in crews)


def _half_day(place: Place) -> HalfDay:
    return HalfDay(place.day, "pm" if place.half else "am")
