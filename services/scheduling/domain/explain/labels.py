"""Names in place of ids in the facts of findings and violations."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from services.contracts.errors import Problem as Finding
from services.contracts.values import Violation
from services.scheduling.domain.demand import Basis
from services.scheduling.domain.problem import Problem

Said = TypeVar("Said", Finding, Violation)


@dataclass(frozen=True)
class Labels:
    """Names people read, by id; an id without one stands for itself."""

    groups: Mapping[str, str]
    activities: Mapping[str, str]
    teams: Mapping[str, str]
    providers: Mapping[str, str]

    def named(self, said: Said) -> Said:
        """Return a finding or a violation with names in its facts."""
        facts = dict(said.facts)
        for key, names in self._kinds.items():
            if key in facts:
                facts[key] = names.get(facts[key], facts[key])
        if "providers" in facts:
            facts["providers"] = ", ".join(self.providers.get(id_, id_) for id_ in facts["providers"].split(", "))
        if "groups" in facts:
            facts["groups"] = ", ".join(self.groups.get(id_, id_) for id_ in facts["groups"].split(", "))
        return replace(said, facts=facts)

    def all_named(self, said: Iterable[Said]) -> tuple[Said, ...]:
        """Return each of them with names."""
        return tuple(self.named(one) for one in said)

    @property
    def _kinds(self) -> dict[str, Mapping[str, str]]:
        return {
            "group": self.groups,
            "other": self.groups,
            "activity": self.activities,
            "other_activity": self.activities,
            "before": self.activities,
            "team": self.teams,
            "other_team": self.teams,
            "best_team": self.teams,
        }


def labels_of_problem(problem: Problem) -> Labels:
    """Return names for a problem alone: a group by its school and its number there, a team by its provider."""
    homes = {demand.group_id: demand.home for demand in problem.demands}
    by_home: dict[str, list[str]] = defaultdict(list)
    for group, home in homes.items():
        by_home[home].append(group)
    groups: dict[str, str] = {}
    for home, own in by_home.items():
        name = problem.site_by_id[home].place.name if home in problem.site_by_id else home
        groups |= {group: f"{name} {i}" if len(own) > 1 else name for i, group in enumerate(own, 1)}
    teams_of, number = Counter(crew.provider_id for crew in problem.crews), Counter[str]()
    teams = {}
    for crew in problem.crews:
        number[crew.provider_id] += 1
        several = teams_of[crew.provider_id] > 1
        teams[crew.id] = f"{crew.provider_id} {number[crew.provider_id]}" if several else crew.provider_id
    return Labels(groups, {}, teams, {})


def labels_of_basis(basis: Basis) -> Labels:
    """Return the names of an edition and its schools."""
    edition = basis.edition
    schools = {one.school.id: one.school.name for one in basis.registered}
    return Labels(
        {group.id: f"{schools[group.school_id]}, {group.name}" for group in basis.groups},
        {activity.id: activity.name for programme in edition.programmes for activity in programme.activities},
        {team.id: team.name for provider in edition.providers for team in provider.teams},
        {provider.id: provider.name for provider in edition.providers},
    )
