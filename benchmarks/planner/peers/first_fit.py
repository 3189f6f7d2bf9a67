"""By hand: school after school in the order of the list, each group at the end of the first day where it still fits."""

from __future__ import annotations

from typing import Any

from peers.ground import Ground, Plan


def solve(instance: dict[str, Any], seconds: float) -> list[dict[str, Any]]:
    """Return the rotation-1 sessions of one pass, activity by activity; ``seconds`` is never needed."""
    ground = Ground(instance)
    plan = Plan(ground)
    for activity in ground.chain:
        days = sorted((day, team) for team, day in ground.team_days if team in ground.teams_of(activity))
        for key in sorted(ground.keys(activity), key=ground.site):
            if activity != ground.chain[0] and (key[0], ground.chain[0]) not in plan.slots:
                continue
            for day, team in days:
                keys = [*plan.days[team, day], key]
                if starts := plan.clock((team, day), keys):
                    plan.put((team, day), keys, starts)
                    break
    return plan.sessions()
