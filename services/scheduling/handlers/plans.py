"""Plans: shown, released, compared, exported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.contracts import rpc
from services.contracts.errors import Problem as Finding
from services.contracts.errors import Refused, refused
from services.contracts.events import PlanReleased
from services.contracts.values import Change, Edition, Session, Violation
from services.scheduling.domain.changes import compare
from services.scheduling.domain.choices import kilometres
from services.scheduling.domain.constraints import refused as refused_half_days
from services.scheduling.domain.demand import Basis, build, fingerprint
from services.scheduling.domain.explain.labels import labels_of_basis
from services.scheduling.domain.history import unbarred
from services.scheduling.domain.names import Names
from services.scheduling.domain.outcomes import Outcomes
from services.scheduling.domain.outdated import changes_since, names_of
from services.scheduling.domain.plan import SCHOOL, Answers, Proposal, Release, sessions
from services.scheduling.domain.problem import Problem
from services.scheduling.domain.rotation import to_instance, to_solution
from services.scheduling.domain.rules import HOLDS_BACK, at, judge
from services.scheduling.domain.solution import Solution
from services.scheduling.handlers.editions import basis_of, problem_of
from services.scheduling.handlers.permissions import lacking, refuse_without_permission
from services.scheduling.handlers.proposals import last_turn
from services.scheduling.ports import Transaction


def get_plan(request: rpc.GetPlan, tx: Transaction) -> rpc.Plan:
    """A plan with the names people read, judged by the inputs of today; a superseded release by those of its time."""
    basis = basis_of(tx, request.edition_id)
    today = build(basis)
    proposal, release = _asked(tx, request.edition_id, request.proposal_id, request.release)
    shown = release.sessions if release else sessions(proposal.basis, proposal.placements)
    said = said_of(tx, release)
    violations = _judged(_judged_by(tx, basis, proposal, release), proposal, basis.edition)
    names, outdated = Names(proposal.basis), fingerprint(today) != proposal.inputs
    then = build(proposal.basis) if outdated else today
    return rpc.Plan(
        edition_id=proposal.edition_id,
        proposal_id=proposal.id,
        release=release.number if release else None,
        made_at=proposal.made_at,
        status=proposal.status,
        sessions=tuple(planned(session, names, said) for session in shown),
        unplaced=tuple(_unplaced(demand_id, names) for demand_id in _left_out(proposal, then)),
        cost=proposal.cost,
        bound=proposal.bound,
        violations=violations,
        outdated=outdated,
        made_by=proposal.made_by,
        seed=proposal.seed,
        steps=proposal.steps,
        question=proposal.question,
        made_from=proposal.made_from,
        moved=proposal.moved,
        made_next=tx.proposals.drawn_from(proposal.id),
        refused=tuple(id_ for v in violations if v.rule == refused_half_days.RULE.name for id_ in v.session_ids),
        lacking=lacking(tx, proposal, shown),
        changed=changes_since(proposal.basis, basis) if outdated else (),
        superseded=release is None and proposal.made_at < last_turn(tx, proposal.edition_id),
        kilometres=kilometres(then, proposal.placements),
    )


def list_demand(request: rpc.ListDemand, tx: Transaction) -> tuple[rpc.Unplaced, ...]:
    """Every session there is to place."""
    basis = basis_of(tx, request.edition_id)
    names = Names(basis)
    return tuple(_unplaced(demand.id, names) for demand in build(basis).demands)


def release_plan(request: rpc.ReleasePlan, tx: Transaction) -> rpc.Release:
    """Make a proposal the next release and tell everyone what changed."""
    tx.editions.lock(request.edition_id)
    proposal = tx.proposals.get(request.edition_id, request.proposal_id)
    done = tx.releases.made_from(proposal.id)
    if done:
        return replace(_summary(done), again=True)
    before = tx.releases.current(request.edition_id)
    current = before.number if before else 0
    if request.after != current:
        raise refused("release_in_between", current=current)
    _refuse_unfit(tx, proposal)
    after = sessions(proposal.basis, proposal.placements)
    refuse_without_permission(tx, proposal, after)
    changes = compare(before.sessions if before else (), after)
    counts = dict(Counter(change.kind for change in changes))
    release = Release(
        proposal.edition_id, current + 1, proposal.id, tx.now, after, {str(k): n for k, n in counts.items()}
    )
    tx.releases.add(release)
    tx.emit(PlanReleased(release.edition_id, release.number, after, changes, request.held_back))
    return _summary(release)


def list_releases(request: rpc.ListReleases, tx: Transaction) -> tuple[rpc.Release, ...]:
    """Releases of an edition, latest first."""
    tx.editions.get(request.edition_id)
    return tuple(_summary(release) for release in tx.releases.of(request.edition_id))


def compare_releases(request: rpc.CompareReleases, tx: Transaction) -> tuple[rpc.NamedChange, ...]:
    """What changed from a release to another, or to a proposal."""
    tx.editions.get(request.edition_id)
    proposal, release = _asked(tx, request.edition_id, request.proposal_id, request.after)
    after = release.sessions if release else sessions(proposal.basis, proposal.placements)
    new_names = old_names = Names(proposal.basis)
    before: Sequence[Session] = ()
    if request.before:
        old = tx.releases.get(request.edition_id, request.before)
        before, old_names = old.sessions, Names(tx.proposals.get(old.edition_id, old.proposal_id).basis)
    return tuple(_named(change, old_names, new_names) for change in compare(before, after))


def export_rotation(request: rpc.ExportRotation, tx: Transaction) -> rpc.RotationFiles:
    """A release and its problem in the rotation-1 format. Raises Refused (``rotation_unsayable``)."""
    tx.editions.get(request.edition_id)
    proposal, _ = _asked(tx, request.edition_id, None, request.release)
    problem = build(proposal.basis)
    value = float(sum(proposal.cost.values()))
    solution = Solution(proposal.placements, _left_out(proposal, problem), proposal.status, value, proposal.bound)
    return rpc.RotationFiles(to_instance(problem, proposal.edition_id), to_solution(problem, solution))


def _asked(
    tx: Transaction, edition_id: str, proposal_id: str | None, number: int | None
) -> tuple[Proposal, Release | None]:
    """Return the proposal named, else the release named, else the current one; with the release it became, if any."""
    if proposal_id is not None:
        return tx.proposals.get(edition_id, proposal_id), tx.releases.made_from(proposal_id)
    release = tx.releases.current(edition_id) if number is None else tx.releases.get(edition_id, number)
    if release is None:
        raise refused("no_release")
    return tx.proposals.get(edition_id, release.proposal_id), release


def _superseded(tx: Transaction, release: Release | None) -> bool:
    current = tx.releases.current(release.edition_id) if release else None
    return release is not None and current is not None and release.number < current.number


def _judged_by(tx: Transaction, basis: Basis, proposal: Proposal, release: Release | None) -> Problem:
    """Return what a plan is judged by: today's problem, for a superseded release that of its time.

    While the edition runs, what lies before today must be as it was held. What was refused of a release is said by the
    answers to it.
    """
    if _superseded(tx, release):
        return build(proposal.basis)
    today = problem_of(tx, basis, basis.edition.first_day)
    return unbarred(today) if release else today


def _refuse_unfit(tx: Transaction, proposal: Proposal) -> None:
    basis = basis_of(tx, proposal.edition_id)
    if fingerprint(build(basis)) != proposal.inputs:
        changes = changes_since(proposal.basis, basis)
        raise Refused(Finding("proposal_outdated", {"what": names_of(changes, basis.edition.name)}), *changes)
    if proposal.made_at < last_turn(tx, proposal.edition_id):
        raise refused("proposal_superseded")
    problem = _judged_by(tx, basis, proposal, None)
    broken = at(judge(problem, proposal.placements, basis.edition.rules), HOLDS_BACK)
    if broken:
        raise refused("proposal_breaks_rules", rules=", ".join(sorted({violation.rule for violation in broken})))


def _judged(problem: Problem, proposal: Proposal, edition: Edition) -> tuple[Violation, ...]:
    """Return what a plan breaks, in names."""
    labels = labels_of_basis(proposal.basis)
    return tuple(labels.named(broken) for broken in judge(problem, proposal.placements, edition.rules))


def _left_out(proposal: Proposal, problem: Problem) -> tuple[str, ...]:
    placed = {placement.demand_id for placement in proposal.placements}
    return tuple(demand.id for demand in problem.demands if demand.id not in placed)


@dataclass(frozen=True)
class Said:
    """What was said of the sessions of a release: answers, and what became of them."""

    answers: Answers
    outcomes: Outcomes


def said_of(tx: Transaction, release: Release | None) -> Said | None:
    """Return what was said of a release; None of a proposal, of which nobody was told."""
    if release is None:
        return None
    return Said(tx.answers.of(release.edition_id), tx.outcomes.of(release.edition_id))


def planned(session: Session, names: Names, said: Said | None) -> rpc.PlannedSession:
    """Return a session with its names and what was said of it."""
    group = names.group(session.group_id)
    counted = said.answers.of(session, SCHOOL) if said else None
    return rpc.PlannedSession(
        session=session,
        school_name=names.school(session.school_id),
        group_name=group.name,
        pupils=counted.pupils if counted and counted.pupils is not None else group.pupils,
        activity_name=names.activity(session.activity_id),
        provider_name=names.provider(session.provider_id),
        team_name=names.team(session.team_id),
        school_answer=said.answers.school(session) if said else None,
        provider_answer=said.answers.provider(session) if said else "pending",
        outcome=said.outcomes.of(session) if said else None,
    )


def _unplaced(demand_id: str, names: Names) -> rpc.Unplaced:
    group, activity_id = names.demand(demand_id)
    school_id = group.school_id
    return rpc.Unplaced(demand_id, names.school(school_id), group.name, names.activity(activity_id), school_id)


def _named(change: Change, old_names: Names, new_names: Names) -> rpc.NamedChange:
    before, after = change.before, change.after
    session, names = (after, new_names) if after else (before, old_names)
    assert session is not None  # noqa: S101  a change has one side at least
    return rpc.NamedChange(
        change=change,
        school_name=names.school(session.school_id),
        group_name=names.group(session.group_id).name,
        activity_name=names.activity(session.activity_id),
        provider_before=old_names.provider(before.provider_id) if before else "",
        provider_after=new_names.provider(after.provider_id) if after else "",
    )


def _summary(release: Release) -> rpc.Release:
    return rpc.Release(
        edition_id=release.edition_id,
        number=release.number,
        proposal_id=release.proposal_id,
        released_at=release.released_at,
        sessions=len(release.sessions),
        changes=release.changes,
    )
