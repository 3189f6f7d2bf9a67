"""The names people read for what plans address by id."""

from __future__ import annotations

from services.contracts.values import Group
from services.scheduling.domain.demand import Basis, attended, session_id


class Names:
    """Names on the basis a plan was made on."""

    def __init__(self, basis: Basis) -> None:
        edition = basis.edition
        self._groups = {group.id: group for group in basis.groups}
        self._schools = {one.school.id: one.school.name for one in basis.registered}
        self._activities = {a.id: a.name for programme in edition.programmes for a in programme.activities}
        self._providers = {provider.id: provider.name for provider in edition.providers}
        self._teams = {team.id: team.name for provider in edition.providers for team in provider.teams}
        self._demands = {session_id(g, a.id): (g, a.id) for g in basis.groups for a in attended(edition, g)}

    def group(self, group_id: str) -> Group:
        """Return a group."""
        return self._groups[group_id]

    def demand(self, demand_id: str) -> tuple[Group, str]:
        """Return the group and the activity id of a session to place."""
        return self._demands[demand_id]

    def school(self, school_id: str) -> str:
        """Return a school's name."""
        return self._schools[school_id]

    def activity(self, activity_id: str) -> str:
        """Return an activity's name."""
        return self._activities[activity_id]

    def provider(self, provider_id: str) -> str:
        """Return a provider's name."""
        return self._providers[provider_id]

    def team(self, team_id: str) -> str:
        """Return a team's name."""
        return self._teams[team_id]
