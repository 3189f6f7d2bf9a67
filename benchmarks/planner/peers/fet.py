"""FET, the school timetabler: a day is two morning hours, lunch and two afternoon hours; a school is a building."""

from __future__ import annotations

import subprocess
import tempfile
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path
from typing import Any

from peers.ground import Ground, Key, Plan

HOURS = ("am1", "am2", "lunch", "pm1", "pm2")


def solve(instance: dict[str, Any], seconds: float) -> list[dict[str, Any]]:
    """See peers.__init__. FET knows no roads nor minutes: sessions that then do not fit are left out."""
    ground = Ground(instance)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rotation.fet"
        model = Model(ground)
        path.write_text(model.text(), encoding="utf-8")
        run = ["fet-cl", f"--inputfile={path}", f"--outputdir={folder}", f"--timelimitseconds={int(seconds)}"]
        seeds = [f"--randomseeds{i}{j}=1" for i in (1, 2) for j in (0, 1, 2)]
        told = subprocess.run([*run, *seeds, "--htmllevel=0"], capture_output=True, text=True, check=False)
        # all placed, or the most that ever were; beside it "-current", the state at the end, is worse
        results = [p for p in Path(folder).glob("timetables/*/*_activities.xml") if "-current" not in p.parent.name]
        if not results:
            raise RuntimeError(f"fet-cl left no timetable: {told.stdout[-500:]} {told.stderr[-500:]}")
        return _timed(ground, model, results[0])


def _timed(ground: Ground, model: Model, result: Path) -> list[dict[str, Any]]:
    """Give FET's hours their minutes, day after day; sessions whose road does not fit leave, the last first."""
    hours: dict[tuple[int, int], list[tuple[int, Key]]] = {}
    for activity in ET.parse(result).getroot():
        day, hour = activity.findtext("Day"), activity.findtext("Hour")
        if day and hour:
            key = model.keys[int(activity.findtext("Id", "")) - 1]
            hours.setdefault((int(day), model.team_of[key]), []).append((HOURS.index(hour), key))
    plan = Plan(ground)
    for (day, team), stops in sorted(hours.items()):
        keys = [key for _, key in sorted(stops)]
        halves = {key: 2 * day + (hour > HOURS.index("lunch")) for hour, key in stops}
        plan.put_what_fits((team, day), keys, halves)
    return plan.sessions_in_chain()


class Model:
    """A .fet file of an instance."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.keys = [key for activity in ground.chain for key in ground.keys(activity)]
        self.team_of = {key: team for activity in ground.chain for key, team in self._shares(activity)}

    def _shares(self, activity: str) -> Any:
        """FET wants to know each session's team beforehand: school after school to the nearest team with room left."""
        g = self.ground
        teams = g.teams_of(activity)
        left = dict.fromkeys(teams, -(-len(g.groups) // len(teams)) + 1)
        by_site: dict[int, list[Key]] = {}
        for key in g.keys(activity):
            by_site.setdefault(g.site(key), []).append(key)
        for site, keys in sorted(by_site.items(), key=lambda pair: -len(pair[1])):
            roads = {team: g.road(g.depot(team), g.place(site)) for team in teams}
            fitting = [t for t in teams if left[t] >= len(keys)] or teams
            team = min(fitting, key=lambda t: (roads[t], -left[t]))
            left[team] -= len(keys)
            yield from ((key, team) for key in keys)

    def text(self) -> str:
        """Return the file."""
        root = ET.Element("fet", version="6.8.5")
        ET.SubElement(root, "Mode").text = "Official"
        ET.SubElement(root, "Institution_Name").text = self.ground.instance["name"]
        ET.SubElement(root, "Comments")
        self._basics(root)
        self._activities(root)
        times = ET.SubElement(root, "Time_Constraints_List")
        _rule(times, "BasicCompulsoryTime")
        slots = [(day, "lunch") for day in range(len(self.ground.instance["days"]))]
        _times(_rule(times, "BreakTimes", Number_of_Break_Times=len(slots)), "Break_Time", slots)
        self._calendars(times)
        self._limits(times)
        self._chains(times)
        spaces = ET.SubElement(root, "Space_Constraints_List")
        _rule(spaces, "BasicCompulsorySpace")
        self._rooms(spaces)
        return ET.tostring(root, encoding="unicode", xml_declaration=True)

    def _basics(self, root: ET.Element) -> None:
        g = self.ground
        _names(root, "Days_List", "Day", [str(d) for d in range(len(g.instance["days"]))], "Number_of_Days")
        _names(root, "Hours_List", "Hour", list(HOURS), "Number_of_Hours")
        _names(root, "Subjects_List", "Subject", g.chain)
        ET.SubElement(root, "Activity_Tags_List")
        _names(root, "Teachers_List", "Teacher", [f"team {team['id']}" for team in g.teams])
        _names(root, "Students_List", "Year", [f"group {group['id']}" for group in g.groups], Number_of_Students=10)
        _names(root, "Buildings_List", "Building", [f"school {site['id']}" for site in g.sites])
        rooms = ET.SubElement(root, "Rooms_List")
        for site in g.sites:
            for room in range(site["room_cap"]):
                _add(rooms, "Room", Name=_room(site["id"], room), Building=f"school {site['id']}", Capacity=30000)

    def _activities(self, root: ET.Element) -> None:
        activities = ET.SubElement(root, "Activities_List")
        for i, key in enumerate(self.keys):
            who = {"Teacher": f"team {self.team_of[key]}", "Subject": key[1], "Students": f"group {key[0]}"}
            how = {"Duration": 1, "Total_Duration": 1, "Id": i + 1, "Activity_Group_Id": 0, "Active": "true"}
            _add(activities, "Activity", **who, **how)

    def _calendars(self, times: ET.Element) -> None:
        """Closed half-days of the schools, short half-days, absences of the teams."""
        g = self.ground
        for group in g.groups:
            shut = self._shut(group["site"])
            rule = _rule(times, "StudentsSetNotAvailableTimes", Students=f"group {group['id']}")
            ET.SubElement(rule, "Number_of_Not_Available_Times").text = str(len(shut))
            _times(rule, "Not_Available_Time", shut)
        for team in g.teams:
            away = [(d, h) for d in range(len(g.instance["days"])) if str(d) not in team["avail"] for h in HOURS]
            rule = _rule(times, "TeacherNotAvailableTimes", Teacher=f"team {team['id']}")
            ET.SubElement(rule, "Number_of_Not_Available_Times").text = str(len(away))
            _times(rule, "Not_Available_Time", away)

    def _shut(self, site: int) -> list[tuple[int, str]]:
        """Hours in which no session fits at a school: a half-day of n sessions has n hours."""
        g = self.ground
        fits = {half: self._sessions_in(b - a) for half, a, b in g.halves(site)}
        halves = {0: ("am1", "am2"), 1: ("pm1", "pm2")}
        days = range(len(g.instance["days"]))
        return [(day, h) for day in days for half in (0, 1) for h in halves[half][fits.get(2 * day + half, 0) :]]

    def _sessions_in(self, minutes: int) -> int:
        return min(
            1 + (minutes - act["dur"]) // (act["dur"] + act["turnover"]) for act in self.ground.activities.values()
        )

    def _limits(self, times: ET.Element) -> None:
        g = self.ground
        for team in g.teams:
            hours = {"Teacher_Name": f"team {team['id']}", "Maximum_Hours_Daily": team["max_sessions"]}
            _rule(times, "TeacherMaxHoursDaily", **hours)

    def _chains(self, times: ET.Element) -> None:
        """The next activity later; on the same day with lunch between."""
        g, number = self.ground, {key: i + 1 for i, key in enumerate(self.keys)}
        for group in g.groups:
            for before, after in pairwise(g.chain):
                ids = number[group["id"], before], number[group["id"], after]
                _rule(times, "TwoActivitiesOrdered", First_Activity_Id=ids[0], Second_Activity_Id=ids[1])
                rule = _rule(times, "MinGapsBetweenActivities", Number_of_Activities=2)
                for one in ids:
                    ET.SubElement(rule, "Activity_Id").text = str(one)
                ET.SubElement(rule, "MinGaps").text = "1"

    def _rooms(self, spaces: ET.Element) -> None:
        """Each session in a room of its school; a team changes school at lunch only, if its roads are short enough."""
        g = self.ground
        for i, key in enumerate(self.keys):
            rooms = [_room(g.site(key), room) for room in range(g.sites[g.site(key)]["room_cap"])]
            rule = _rule(spaces, "ActivityPreferredRooms", Activity_Id=i + 1, Number_of_Preferred_Rooms=len(rooms))
            for room in rooms:
                ET.SubElement(rule, "Preferred_Room").text = room
        _rule(spaces, "TeachersMinGapsBetweenBuildingChanges", Min_Gaps_Between_Building_Changes=1)
        _rule(spaces, "TeachersMaxBuildingChangesPerDay", Max_Building_Changes_Per_Day=1)


def _room(site: int, room: int) -> str:
    return f"school {site} room {room}"


def _add(parent: ET.Element, tag: str, **fields: Any) -> ET.Element:
    node = ET.SubElement(parent, tag)
    for name, value in fields.items():
        ET.SubElement(node, name).text = str(value)
    return node


def _names(root: ET.Element, tag: str, item: str, names: list[str], count: str = "", **fields: Any) -> None:
    parent = ET.SubElement(root, tag)
    if count:
        ET.SubElement(parent, count).text = str(len(names))
    for name in names:
        _add(parent, item, Name=name, **fields)


def _rule(parent: ET.Element, name: str, **fields: Any) -> ET.Element:
    return _add(parent, f"Constraint{name}", Weight_Percentage=100, **fields, Active="true")


def _times(rule: ET.Element, tag: str, times: list[tuple[int, str]]) -> None:
    for day, hour in times:
        _add(rule, tag, Day=day, Hour=hour)
