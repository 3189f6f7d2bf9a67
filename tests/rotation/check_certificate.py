"""Check that no plan is cheaper than one of format rotation-1, by a certificate of format rotation-certificate-1.

usage: python check_certificate.py INSTANCE.json SOLUTION.json CERTIFICATE.json

Python's standard library and check_rotation.py beside this file, nothing of the planner; whole numbers only. In turn:
1. the solution keeps every rule, places everything and costs what the certificate says;
2. every day route of every team is listed here anew; none costs less than the certificate's prices of what it holds
   (sessions by site, and cuts: of any cover, the sum of ceil(sessions in S / q) over its routes is at least
   ceil(groups in S / q); floor likewise the other way round). So the prices bound what each activity costs;
3. every route outside the certificate's pool costs so much beyond these prices that it is in no cheaper plan;
4. an exhaustive search over the days, with the routes of the pool and the prices as its only guide, finds no plan
   that is cheaper. States are what is held so far and who waits since when; days on which teams meet at a site are
   timed by trying every interleaving of their sessions.
Prints a JSON line; exit code 0 when all of it holds, 1 when not (with the reason), 2 when the form is not covered.
"""

import datetime as dt
import itertools
import json
import sys
import time
from collections import defaultdict
from pathlib import Path

from check_rotation import Checker, drive_minutes

NEVER = 10**9


class Refused(Exception):
    """The certificate does not prove what it says."""


class NotCovered(Exception):
    """The instance has a form that this script does not know."""


class Instance:
    """What of the instance matters for counts: sites with groups, activities in chain order, teams by activity."""

    def __init__(self, data):
        chains = {tuple(group["chain"]) for group in data["groups"]}
        if len(chains) != 1 or len(min(chains)) > 2:
            raise NotCovered("one chain of one or two activities")
        self.data, self.chain, self.weights = data, min(chains), data["weights"]
        self.noon, self.lunch = data["noon"], data["lunch_min"]
        self.ids = sorted({group["site"] for group in data["groups"]})
        self.sites = [data["sites"][i] for i in self.ids]
        self.sizes = [sum(group["site"] == i for group in data["groups"]) for i in self.ids]
        self.places = [(site["lat"], site["lon"]) for site in self.sites]
        self.road = [[drive_minutes(a, b) for b in self.places] for a in self.places]
        self.days = [dt.date.fromisoformat(day).toordinal() for day in data["days"]]
        self.teams = [[team for team in data["teams"] if team["activity"] == activity] for activity in self.chain]
        self.depot = {
            team["id"]: [drive_minutes(data["depots"][team["depot"]], p) for p in self.places] for team in data["teams"]
        }
        self.pins = defaultdict(list)
        for pin in sorted(data.get("pins", []), key=lambda pin: pin["start"]):
            site = self.ids.index(data["groups"][pin["group"]]["site"])
            self.pins[pin["team"], pin["day"]].append((site, int(pin["start"] >= self.noon), pin["start"]))
        # behind the sites each team-day with pins counts as one thing more that a route covers
        self.marks = {f"{team}:{day}": len(self.sizes) + i for i, (team, day) in enumerate(self.pins)}
        fields = range(len(self.sizes) + len(self.marks))
        self.width = max(self.sizes).bit_length() + 1
        self.ones = sum(1 << (self.width * i) for i in fields)
        self.guard = sum(1 << (self.width * i + self.width - 1) for i in fields)
        self.counts, self.totals = {}, {}
        self.sessions = self.pack([(1 << self.width) - 1] * len(self.sizes))
        own = {str(team["id"]): a for a, teams in enumerate(self.teams) for team in teams}
        of_task = [{m: int(own[m.split(":")[0]] == a) for m in self.marks} for a in range(len(self.chain))]
        self.wanted = [self.pack([*self.sizes, *marks.values()]) for marks in of_task]
        self.all = self.pack([*self.sizes, *[1] * len(self.marks)])
        self.unfair = self.weights["fair"] * sum(
            bool(teams) and sum(self.sizes) % len(teams) > 0 for teams in self.teams
        )

    def pack(self, counts):
        return sum(count << (self.width * i) for i, count in enumerate(counts))

    def pack_some(self, counts):
        return sum(count << (self.width * i) for i, count in counts.items())

    def unpack(self, word):
        if word not in self.counts:
            fields = range(len(self.sizes) + len(self.marks))
            self.counts[word] = [(word >> (self.width * i)) & ((1 << self.width) - 1) for i in fields]
        return self.counts[word]

    def total(self, word):
        """Sessions of a word."""
        if word not in self.totals:
            self.totals[word] = sum(self.unpack(word)[: len(self.sizes)])
        return self.totals[word]

    def fits(self, small, large):
        return (((large | self.guard) - small) & self.guard) == self.guard

    def minus(self, large, small):
        """Subtract site by site, stopping at zero."""
        difference = (large | self.guard) - small
        positive = difference & self.guard
        return difference & (positive - (positive >> (self.width - 1)))

    def meet(self, word, other):
        """Whether both hold a session at one site."""
        return ((word | self.guard) - self.ones) & ((other | self.guard) - self.ones) & self.guard


class Day:
    """All that one team can do on one day.

    ``options[counts]``: (cost, sessions as (site, half) in order), cheapest first.
    """

    def __init__(self, instance, team, day):
        self.instance, self.team, self.activity = instance, team, instance.data["activities"][team["activity"]]
        self.begin, self.end = team["avail"][str(day)]
        self.windows = [sorted(site["windows"].get(str(day), [])) for site in instance.sites]
        self.dislike = [[site["pref"].get(f"{day}:{half}", 0) for half in (0, 1)] for site in instance.sites]
        self.depot = instance.depot[team["id"]]
        self.pins = instance.pins.get((team["id"], day), [])
        self.mark = instance.marks.get(f"{team['id']}:{day}")
        self.pattern = json.dumps([team["id"], self.begin, self.end, self.windows, self.dislike, self.pins, self.mark])

    def list(self):
        """Find every route; with pins, those that hold them at their times, each on a way through the day."""
        found = defaultdict(set)
        self.options = found
        self.extend((), None, 0, [0] * len(self.windows), 0)
        marked = 1 << (self.instance.width * self.mark) if self.pins else 0
        self.options = {word + marked: sorted(options) for word, options in found.items()}

    def ready(self, site, half, last):
        """Minute at which the team can begin after its last session (site, half, end), or first of all."""
        if last is None:
            return self.begin + self.depot[site] + self.activity["setup"]
        where, before, end = last
        lunch = self.instance.lunch if half > before else 0
        if where == site:
            return end + max(self.activity["turnover"], lunch)
        return end + self.activity["teardown"] + self.instance.road[where][site] + self.activity["setup"] + lunch

    def start(self, site, half, ready, taken=(), rooms=1):
        """First minute to begin, no more than ``rooms`` sessions at once with those ``taken`` there."""
        for first, last in self.windows[site]:
            earliest = max(ready, first, self.instance.noon if half else 0)
            for at in sorted({earliest, *(end for _, end in taken if end > earliest)}):
                over = at + self.activity["dur"]
                busy = [max(at, a) for a, b in taken if a < over and at < b]
                most = max((sum(a <= moment < b for a, b in taken) for moment in busy), default=0)
                if over <= last and (half or at < self.instance.noon) and most < rooms:
                    return at
        return None

    def next(self, last, held):
        """Yield (site, half, start, pins held) of each session that can come next, as early as can be."""
        limit = self.pins[held][2] if held < len(self.pins) else NEVER
        for site, half in itertools.product(range(len(self.windows)), (0, 1)):
            start = self.start(site, half, self.ready(site, half, last))
            if start is not None and start + self.activity["dur"] <= limit and not (last and half < last[1]):
                yield site, half, start, held
        if held < len(self.pins):
            site, half, start = self.pins[held]
            if not (last and half < last[1]) and self.ready(site, half, last) <= start:
                yield site, half, start, held + 1

    def extend(self, sessions, last, cost, counts, pinned):
        weights = self.instance.weights
        for site, half, start, held_pins in self.next(last, pinned):
            if counts[site] == self.instance.sizes[site]:
                continue
            end = start + self.activity["dur"]
            more = cost + self.dislike[site][half]
            if last is None:
                more += weights["team_day"] + weights["visit"] + weights["drive"] * self.depot[site]
            elif last[0] != site:
                more += weights["visit"] + weights["drive"] * self.instance.road[last[0]][site]
            held = [*counts[:site], counts[site] + 1, *counts[site + 1 :]]
            route = (*sessions, (site, half))
            is_back = end + self.activity["teardown"] + self.depot[site] <= self.end
            if is_back and held_pins == len(self.pins):
                self.options[self.instance.pack(held)].add((more + weights["drive"] * self.depot[site], route))
            if len(route) < self.team["max_sessions"]:
                self.extend(route, (site, half, end), more, held, held_pins)


class Prices:
    """The certificate's prices of one activity: what any cover of given counts costs at least."""

    def __init__(self, instance, given, scale):
        self.instance, self.scale, self.memo = instance, whole(scale), {}
        prices = {int(site): whole(price) for site, price in given["prices"].items() if ":" not in site}
        marks = {mark: whole(price) for mark, price in given["prices"].items() if ":" in mark}
        self.price = [prices[site] for site in instance.ids] + [marks.get(mark, 0) for mark in instance.marks]
        at = {site: i for i, site in enumerate(instance.ids)}
        self.cuts = [
            ([at[s] for s in c["sites"]], whole(c["part"]), c["side"] == "up", whole(c["price"])) for c in given["cuts"]
        ]
        if self.scale < 1 or any(part < 1 or price < 0 for _, part, _, price in self.cuts):
            raise Refused("a cut has a negative price")

    def of(self, word):
        """Prices of these counts, times the scale: of one route, or of all that is to be covered."""
        if word not in self.memo:
            counts = self.instance.unpack(word)
            total = sum(price * count for price, count in zip(self.price, counts, strict=True))
            for sites, part, up, price in self.cuts:
                held = sum(counts[site] for site in sites)
                total += price * (-(-held // part) if up else -(held // part))
            self.memo[word] = total
        return self.memo[word]


def whole(number):
    if type(number) is not int:
        raise Refused(f"not a whole number: {number}")
    return number


class Activity:
    """Routes of the pool of one activity, and the least cost of covering what is left with them."""

    def __init__(self, instance, index, days, given, scale):
        self.instance, self.prices, self.memo = instance, Prices(instance, given, scale), {}
        self.wanted, self.begin, self.cost = instance.wanted[index], instance.all - instance.wanted[index], {}
        for day in days:
            for word, options in day.options.items():
                plain = min(cost - sum(day.dislike[s][h] for s, h in route) for cost, route in options)
                self.cost[word] = min(plain, self.cost.get(word, NEVER))
        self.loss = {word: scale * cost - self.prices.of(word) for word, cost in self.cost.items()}
        if min(self.loss.values(), default=0) < 0:
            raise Refused(f"{instance.chain[index]}: a route costs less than the prices of what it holds")
        self.bound = self.prices.of(self.wanted)
        if self.bound != given["bound"]:
            raise Refused(f"{instance.chain[index]}: the prices give {self.bound}, not {given['bound']}")
        place = {site: i for i, site in enumerate(instance.ids)} | instance.marks
        self.pool = {instance.pack_some({place[s]: whole(n) for s, n in route}) for route in given["pool"]}

    def narrow(self, slack):
        """Refuse a pool that lacks a route which loses no more than ``slack``; keep the routes that matter."""
        near = {word for word, loss in self.loss.items() if loss <= slack}
        if not near <= self.pool:
            raise Refused(f"{len(near - self.pool)} routes outside the pool are not priced out")
        ranked = sorted(near, key=lambda word: (self.loss[word], word))
        counts = {word: self.instance.unpack(word) for word in ranked}
        sites = range(len(self.instance.sizes) + len(self.instance.marks))
        self.routes = ranked
        self.at = [[word for word in ranked if counts[word][site]] for site in sites]
        masks = [((1 << self.instance.width) - 1) << (self.instance.width * site) for site in sites]
        self.order = [(masks[site], self.at[site]) for site in sorted(sites, key=lambda site: len(self.at[site]))]

    def keep_useful(self, most):
        """Keep only routes that are in a cover of everything that costs at most ``most``."""
        self.routes = [r for r in self.routes if self.cover(self.wanted - r, most - self.cost[r]) < NEVER]

    def least(self, rest):
        return -(-self.prices.of(rest) // self.prices.scale)

    def cover(self, rest, budget):
        """Return the least cost of covering ``rest`` where that is within the budget, else NEVER."""
        if not rest:
            return 0
        if self.least(rest) > budget:
            return NEVER
        value, tried = self.memo.get(rest, (NEVER, -1))
        if value < NEVER or tried >= budget:
            return value if value <= budget else NEVER
        best = NEVER
        routes = next(routes for mask, routes in self.order if rest & mask)
        for word in routes:
            if self.instance.fits(word, rest):
                spare = min(budget, best - 1) - self.cost[word]
                best = min(best, self.cost[word] + self.cover(rest - word, spare)) if spare >= 0 else best
        self.memo[rest] = best, budget
        return best


class Search:
    """Every plan within ``limit``, day by day; equal states are one."""

    def __init__(self, instance, days, activities, limit):
        self.instance, self.days, self.activities, self.limit = instance, days, activities, limit
        self.weights, self.judged, self.states, self.ends, self.last = (
            instance.weights,
            {},
            0,
            {},
            len(instance.days) - 1,
        )
        self.most = [[0] * len(instance.days) for _ in instance.chain]
        self.pinned = [day for _, day in instance.pins]
        for (activity, _, day), found in days.items():
            self.most[activity][day] += max((instance.total(word) for word in found.options), default=0)

    def first_end(self, activity, rest, day):
        """First day by which ``rest`` can be held from ``day`` on."""
        key = activity, self.instance.total(rest), day
        if key not in self.ends:
            reach = itertools.accumulate(self.most[activity][day:])
            self.ends[key] = next((later for later, held in enumerate(reach, day) if held >= key[1]), NEVER)
        return self.ends[key]

    def may_go_on(self, cost, done, day):
        """Whether a plan within the limit can come of this."""
        rests = [self.instance.all - held for held in done]
        end = max(self.first_end(a, rest, day) if rest else 0 for a, rest in enumerate(rests))
        spare = self.limit - cost - self.instance.unfair - self.weights["end"] * end
        low = [activity.least(rest) for activity, rest in zip(self.activities, rests, strict=True)]
        if sum(low) > spare:
            return False
        for a in reversed(range(len(rests))):
            low[a] = self.activities[a].cover(rests[a], spare - sum(low) + low[a])
            if low[a] == NEVER:
                return False
        return True

    def run(self):
        """Return the cost of a plan within the limit, or None when there is none."""
        begin = tuple(activity.begin for activity in self.activities)
        states = {(begin, (), (0,) * len(self.instance.data["teams"])): 0}
        for day in range(len(self.instance.days)):
            states = {(*key, (), 0): cost for key, cost in states.items()}
            steps = [
                (a, team)
                for a in reversed(range(len(self.activities)))
                for team in self.instance.teams[a]
                if (a, team["id"], day) in self.days
            ]
            for i, (a, team) in enumerate(steps):
                states = self.drive(states, day, a, team["id"], {later for later, _ in steps[i + 1 :]})
                self.states += len(states)
            states, found = self.close(states, day)
            if found is not None:
                return found
        return None

    def drive(self, states, day, a, team, later):
        """Return the states after one team stays home or drives any route; ``held``: routes that others must heed."""
        instance, options, activity = self.instance, self.days[a, team, day].options, self.activities[a]
        made = {} if (team, day) in instance.pins else dict(states)
        for (done, waits, loads, held, need), cost in states.items():
            rest = instance.all - done[a]
            for word in activity.routes:
                if word not in options or not instance.fits(word, rest):
                    continue
                lacking = instance.minus(word, instance.minus(done[0], done[1])) if a else 0
                if lacking and (0 not in later or not instance.fits(lacking, instance.all - done[0])):
                    continue
                more = cost + options[word][0][0] + self.weights["same_day"] * instance.total(lacking)
                after = (*done[:a], done[a] + word, *done[a + 1 :])
                if not self.may_go_on(more, after, day):
                    continue
                meets = lacking or any(instance.meet(word, instance.all - done[other]) for other in later)
                heeded = held
                if meets or any(instance.meet(word, other) for _, _, other in held):
                    heeded = (*held, (a, team, word))
                waiting = tuple((mark, instance.minus(wait, word)) for mark, wait in waits) if a else waits
                key = after, waiting, self.load(loads, a, team, word), heeded, need + lacking
                made[key] = min(more, made.get(key, NEVER))
        return made

    def load(self, loads, a, team, word):
        """Sessions by team, where teams share an activity: their spread costs points of fairness."""
        if len(self.instance.teams[a]) < 2:
            return loads
        return (*loads[:team], loads[team] + self.instance.total(word), *loads[team + 1 :])

    def unfair(self, loads):
        by_activity = [[loads[team["id"]] for team in teams] for teams in self.instance.teams]
        return self.weights["fair"] * sum(max(held) - min(held) for held in by_activity)

    def close(self, states, day):
        """Judge the day's routes together, price who waits; return what goes on, or a plan that is complete."""
        instance, kept = self.instance, {}
        for (done, waits, loads, held, need), cost in states.items():
            cost += self.together(held, need, day)
            if cost >= NEVER:
                continue
            if all(part == instance.all for part in done) and day >= max(self.pinned, default=0):
                total = cost + self.weights["end"] * day + self.unfair(loads)
                if total <= self.limit:
                    return {}, total
                continue
            if len(done) > 1:
                waiting = instance.minus(*done) & instance.sessions
                waits, late = self.wait((*waits, (instance.days[day], waiting)), day)
                cost += late
            if day < self.last and self.may_go_on(cost, done, day + 1):
                kept[done, waits, loads] = min(cost, kept.get((done, waits, loads), NEVER))
        return kept, None

    def wait(self, waits, day):
        """Drop marks that no longer matter and price each calendar day until the next that someone waits too long."""
        price = 0
        for date in range(self.instance.days[day], self.instance.days[min(day + 1, self.last)]):
            late = [i for i, (mark, _) in enumerate(waits) if mark <= date - self.weights["gap_max"]]
            if late:
                waits = waits[late[-1] :]
                price += self.weights["late_gap"] * self.instance.total(waits[0][1])
        return waits, price

    def together(self, held, need, day):
        """Return what routes of one day cost together beyond each alone; NEVER when rooms or order forbid them."""
        if len(held) < 2:
            return NEVER if need else 0
        days = [self.days[a, team, day] for a, team, _ in held]
        key = (*(d.pattern for d in days), held, need)
        if key not in self.judged:
            self.judged[key] = self.judge(days, held, self.instance.unpack(need)[: len(self.instance.sizes)])
        return self.judged[key]

    def judge(self, days, held, need):
        options = [day.options[word] for day, (_, _, word) in zip(days, held, strict=True)]
        alone = sum(option[0][0] for option in options)
        for chosen in sorted(itertools.product(*options), key=lambda chosen: sum(cost for cost, _ in chosen)):
            routes = [route for _, route in chosen]
            if self.in_order(held, routes, need) and self.can_time(
                days, routes, [0] * len(days), [None] * len(days), [], [0] * len(days)
            ):
                return sum(cost for cost, _ in chosen) - alone
        return NEVER

    def in_order(self, held, routes, need):
        """Whether second sessions that need the first of that very day come in the half-day after enough of these."""
        for site, needed in enumerate(need):
            early = sum(route.count((site, 0)) for (a, _, _), route in zip(held, routes, strict=True) if a == 0)
            late = sum(route.count((site, 1)) for (a, _, _), route in zip(held, routes, strict=True) if a)
            if needed and (early < needed or late < needed):
                return False
        return True

    def can_time(self, days, routes, place, last, taken, pinned):
        """Try every interleaving of the teams' sessions, each as early as rooms allow or at its pin."""
        if all(at == len(route) for at, route in zip(place, routes, strict=True)):
            return all(held == len(day.pins) for held, day in zip(pinned, days, strict=True))
        for i, (day, route) in enumerate(zip(days, routes, strict=True)):
            if place[i] == len(route):
                continue
            site, half = route[place[i]]
            others = [(begin, end) for where, begin, end in taken if where == site]
            for start, pins in self.starts(day, site, half, last[i], others, pinned[i]):
                end = start + day.activity["dur"]
                if place[i] + 1 == len(route) and end + day.activity["teardown"] + day.depot[site] > day.end:
                    continue
                moved = [*place[:i], place[i] + 1, *place[i + 1 :]]
                now = [*last[:i], (site, half, end), *last[i + 1 :]]
                held = [*pinned[:i], pins, *pinned[i + 1 :]]
                if self.can_time(days, routes, moved, now, [*taken, (site, start, end)], held):
                    return True
        return False

    def starts(self, day, site, half, last, others, pinned):
        """Yield (start, pins held) of the next session: the next pin, where it is one, or as early as rooms allow."""
        rooms, ready = self.instance.sites[site]["room_cap"], day.ready(site, half, last)
        if pinned < len(day.pins) and day.pins[pinned][:2] == (site, half):
            start = day.pins[pinned][2]
            if ready <= start == day.start(site, half, start, others, rooms):
                yield start, pinned + 1
        start = day.start(site, half, ready, others, rooms)
        if start is not None:
            yield start, pinned


def listed_days(instance):
    """Return the Day of each (activity, team, day); days alike are listed once."""
    days, known = {}, {}
    for a, teams in enumerate(instance.teams):
        for team in teams:
            for number in map(int, team["avail"]):
                day = Day(instance, team, number)
                if day.pattern not in known:
                    day.list()
                    known[day.pattern] = day.options
                day.options = known[day.pattern]
                days[a, team["id"], number] = day
    return days


def check(data, solution, certificate):
    """Return what was checked. Raises Refused or NotCovered."""
    if certificate.get("format") != "rotation-certificate-1":
        raise Refused("not a certificate of format rotation-certificate-1")
    result = Checker(data, solution).run()
    value = whole(certificate["value"])
    if not result["valid"] or result["cost"].get("unplaced", 0) or result["total"] != value:
        raise Refused(f"the solution is not a complete valid plan of cost {value}")
    instance = Instance(data)
    days = listed_days(instance)
    scale = whole(certificate["scale"])
    activities = [
        Activity(
            instance, a, [day for (b, _, _), day in days.items() if a == b], certificate["activities"][name], scale
        )
        for a, name in enumerate(instance.chain)
    ]
    search = Search(instance, days, activities, value - 1)
    limit = value - 1 - instance.unfair
    end = max([*(search.first_end(a, instance.all, 0) for a in range(len(activities))), *search.pinned])
    slack = scale * (limit - instance.weights["end"] * end) - sum(activity.bound for activity in activities)
    for activity in activities:
        activity.narrow(slack)
    least = [activity.cover(activity.wanted, limit) for activity in activities]
    for activity, own in zip(activities, least, strict=True):
        activity.keep_useful(limit - instance.weights["end"] * end - sum(least) + own)
    cheaper = search.run()
    if cheaper is not None:
        raise Refused(f"there is a plan of cost {cheaper}")
    return {
        "proved": value,
        "bounds": {name: activity.bound / scale for name, activity in zip(instance.chain, activities, strict=True)},
        "routes": sum(len(activity.cost) for activity in activities),
        "pool": sum(len(activity.routes) for activity in activities),
        "states": search.states,
        "days_timed": len(search.judged),
    }


def main(paths):
    loaded = [json.loads(Path(path).read_text(encoding="utf-8")) for path in paths]
    try:
        print(json.dumps({**check(*loaded), "seconds": round(time.process_time(), 1)}))
    except (Refused, KeyError, TypeError, ValueError) as refusal:
        print(json.dumps({"refused": f"{type(refusal).__name__}: {refusal}"}))
        return 1
    except NotCovered as reason:
        print(json.dumps({"not_covered": str(reason)}))
        return 2
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
