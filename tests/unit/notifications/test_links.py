"""Links of providers' pages and of calendars: what they open, for how long, and how they are ended."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from services.contracts import rpc
from services.contracts.errors import Refused
from services.kit.links import token_hash
from services.notifications.adapters.links import blank, fill
from services.notifications.handlers import links, queries
from tests.unit.notifications.builders import EDITION_ID, an_edition, edition_opened, registered, released, sessions
from tests.unit.notifications.fakes import DESK, NAMES, Bureau


@pytest.fixture
def told() -> Bureau:
    bureau = Bureau()
    bureau.hear(edition_opened(), registered(), registered("belleu", "École de Belleu"), released(1, *sessions()))
    return bureau


def truck(bureau: Bureau) -> rpc.Party:
    (first, *_) = queries.list_parties(rpc.ListParties(EDITION_ID), bureau.tx, names=NAMES)
    return first


def opens(bureau: Bureau, token: str) -> rpc.ProviderScope:
    return links.open_provider_link(rpc.OpenProviderLink(token_hash(token)), bureau.tx)


def feed(bureau: Bureau, token: str, etag: str = "", since: dt.datetime | None = None) -> rpc.Feed:
    return links.get_feed(rpc.GetFeed(token, etag, since), bureau.tx, names=NAMES)


def revoke(bureau: Bureau, renew: bool) -> rpc.Party:
    return links.revoke_provider_link(rpc.RevokeProviderLink(EDITION_ID, "truck", renew), bureau.tx, desk=DESK)


def refusal(ask: object) -> list[str]:
    with pytest.raises(Refused) as refused:
        ask()  # type: ignore[operator]
    return [problem.code for problem in refused.value.problems]


def test_a_link_opens_the_page_of_its_provider_by_its_hash_alone(told: Bureau) -> None:
    page = truck(told).page_token
    assert opens(told, page) == rpc.ProviderScope(EDITION_ID, "truck")
    assert refusal(lambda: links.open_provider_link(rpc.OpenProviderLink(page), told.tx)) == ["unknown_link"]
    assert refusal(lambda: opens(told, truck(told).feed_token)) == ["unknown_link"]


def test_a_revoked_link_opens_nothing_and_a_new_one_is_unlike_it(told: Bureau) -> None:
    old = truck(told).page_token
    assert revoke(told, renew=False).page_token == ""
    assert refusal(lambda: opens(told, old)) == ["unknown_link"]
    told.hear(released(2, *sessions()))  # no later event gives it back
    assert truck(told).page_token == ""
    new = revoke(told, renew=True).page_token
    assert opens(told, new) == rpc.ProviderScope(EDITION_ID, "truck")
    assert refusal(lambda: opens(told, old)) == ["unknown_link"]
    assert feed(told, truck(told).feed_token).body


def test_a_feed_is_found_by_its_token_and_not_sent_twice(told: Bureau) -> None:
    token = truck(told).feed_token
    found = feed(told, token)
    assert found.body == told.feed("provider", "truck").body.decode()
    assert feed(told, token, found.etag).body is None
    assert feed(told, token, since=found.last_modified).body is None
    assert feed(told, token, "other", found.last_modified).body == found.body
    assert feed(told, token, since=found.last_modified - dt.timedelta(seconds=1)).body == found.body
    assert refusal(lambda: feed(told, "guess")) == ["unknown_link"]


def test_links_end_thirty_days_after_the_edition(told: Bureau) -> None:
    party = truck(told)
    told.tx.now = _noon(an_edition().last_day, days=30)
    assert opens(told, party.page_token) == rpc.ProviderScope(EDITION_ID, "truck")
    told.tx.now += dt.timedelta(days=1)
    assert refusal(lambda: opens(told, party.page_token)) == ["link_expired"]
    assert refusal(lambda: feed(told, party.feed_token)) == ["link_expired"]
    new = revoke(told, renew=True).page_token
    told.tx.now += dt.timedelta(days=30)
    assert opens(told, new) == rpc.ProviderScope(EDITION_ID, "truck")


def _noon(day: dt.date, days: int) -> dt.datetime:
    return dt.datetime.combine(day + dt.timedelta(days=days), dt.time(12), dt.timezone.utc)


# Mails ------------------------------------------------------------------------------------------------------------


def test_no_kept_mail_holds_a_token(told: Bureau) -> None:
    kept = b"".join(mail.letter.raw for mail in told.tx.mails.queue).replace(b"=\r\n", b"")
    addresses = re.findall(rb"quinzaine\.example/\w+/([\w-]+)", kept)
    kinds = {(kind, to) for kind in ("school", "provider") for to in ("page", "feed")}
    assert set(addresses) == {blank(kind, to).encode() for kind, to in kinds}  # type: ignore[arg-type]


@pytest.mark.parametrize("cut", range(0, 43, 7))
def test_a_blank_is_filled_wherever_a_line_break_cuts_it(cut: int) -> None:
    space, token = blank("school", "page"), "".join(chr(ord("A") + n % 26) for n in range(43))
    raw = f"https://x/ecole/{space[:cut]}=\r\n{space[cut:]} and {space}".encode()
    assert fill(raw, {space: token}) == f"https://x/ecole/{token[:cut]}=\r\n{token[cut:]} and {token}".encode()
