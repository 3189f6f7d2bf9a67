"""Links of pages and calendars: what one opens, and the organiser's ways to end it."""

from __future__ import annotations

from dataclasses import replace

from services.contracts import rpc
from services.contracts.errors import refused
from services.contracts.links import last_day_of_link
from services.contracts.order import alphabetical
from services.notifications.domain.choice import usual
from services.notifications.domain.entry import Party
from services.notifications.domain.feed import readers_of_edition, source
from services.notifications.domain.link import Link, Purpose, purposes
from services.notifications.handlers.queries import edition_of, parties_of
from services.notifications.ports import Desk, Names, Numbers, Tx


def open_provider_link(request: rpc.OpenProviderLink, tx: Tx) -> rpc.ProviderScope:
    """Say what a provider's link opens."""
    edition_id, party = _opened("page", request.link, tx)
    return rpc.ProviderScope(edition_id, party.id)


def get_feed(request: rpc.GetFeed, tx: Tx, *, names: Names) -> rpc.Feed:
    """A feed by its token, without its body for a client that has it."""
    feed = tx.parties.feed(*_opened("feed", names.digest_of(request.token), tx))
    unchanged = feed.unchanged_for(request.known_etag, request.known_since)
    return rpc.Feed(feed.etag, feed.modified, None if unchanged else feed.body.decode())


def revoke_provider_link(request: rpc.RevokeProviderLink, tx: Tx, *, desk: Desk) -> rpc.Party:
    """End the link of a provider's page; a new one takes its place where that is asked."""
    party = _known(request.edition_id, Party("provider", request.provider_id), tx, desk)
    if request.renew:
        _issue(request.edition_id, party, "page", tx, desk)
    else:
        link = tx.links.of_edition(request.edition_id)[party, "page"]
        token = desk.names.token(request.edition_id, party, "page", link.seed)
        ended = replace(link, revoked_at=tx.now)
        tx.links.save(request.edition_id, party, "page", ended, desk.names.digest_of(token))
    code = "link_renewed" if request.renew else "link_revoked"
    return _answer(request.edition_id, party, code, tx, desk)


def rotate_feed(request: rpc.RotateFeed, tx: Tx, *, desk: Desk) -> rpc.FeedAddress:
    """Give a feed a new address; whoever has the old one finds nothing there."""
    edition_of(tx, request.edition_id)
    tx.editions.lock(request.edition_id)
    party = Party(request.kind, request.id)
    if (party, "feed") not in tx.links.of_edition(request.edition_id):
        raise refused("unknown_party", party=party.id)
    _issue(request.edition_id, party, "feed", tx, desk)
    tx.history.add(request.edition_id, "feed_rotated", party=party.id)
    feeds = list_feeds(rpc.ListFeeds(request.edition_id), tx, names=desk.names, numbers=desk.numbers)
    return next(feed for feed in feeds if (feed.kind, feed.id) == (party.kind, party.id))


def list_feeds(
    request: rpc.ListFeeds, tx: Tx, *, names: Names, numbers: Numbers | None = None
) -> tuple[rpc.FeedAddress, ...]:
    """Every feed of an edition, or those of one party."""
    edition = edition_of(tx, request.edition_id)
    schools = [registered.school for registered in tx.schools.of_edition(edition.id).values()]
    named = readers_of_edition(edition)
    schools.sort(key=lambda school: alphabetical(school.name))
    named |= {Party("school", school.id): school.name for school in schools}
    links, choices = tx.links.of_edition(edition.id), tx.parties.choices(edition.id)
    phones = {party: one.phone for party, one in tx.parties.numbers(edition.id).items()} if numbers else {}
    feeds = []
    for party, name in named.items():
        link, choice = links.get((party, "feed")), choices.get(party) or usual(party)
        asked = request.kind is None or source(party, edition.id) == Party(request.kind, request.id)
        if link and asked and party.kind != "account":
            token, invited = names.token(edition.id, party, "feed", link.seed), party.kind in ("provider", "school")
            style = choice.style if invited else None
            phone = _shown(phones.get(party, ""), numbers) if invited and numbers else None
            feeds.append(rpc.FeedAddress(party.kind, party.id, name, token, link.read_at, link.client, style, phone))
    return tuple(feeds)


def _shown(phone: str, numbers: Numbers) -> str:
    return numbers.readable(phone) if phone else ""


def give_links(edition_id: str, party: Party, tx: Tx, desk: Desk) -> None:
    """Make the links a party has not had yet."""
    had = tx.links.of_edition(edition_id, party)
    for purpose in purposes(party):
        if (party, purpose) not in had:
            _issue(edition_id, party, purpose, tx, desk)


def _issue(edition_id: str, party: Party, purpose: Purpose, tx: Tx, desk: Desk) -> None:
    link = Link(desk.names.new_seed(), tx.now)
    token = desk.names.token(edition_id, party, purpose, link.seed)
    tx.links.save(edition_id, party, purpose, link, desk.names.digest_of(token))


def _opened(purpose: Purpose, token_sha256: str, tx: Tx) -> tuple[str, Party]:
    found = tx.links.find(purpose, token_sha256)
    if found is None or found[2].revoked_at is not None:
        raise refused("unknown_link")
    edition_id, party, link, edition_ends = found
    last_day = last_day_of_link(edition_ends, link.issued_at)
    if tx.now.date() > last_day:
        raise refused("link_expired", day=str(last_day))
    return edition_id, party


def _known(edition_id: str, party: Party, tx: Tx, desk: Desk) -> Party:
    edition_of(tx, edition_id)
    edition = tx.editions.lock(edition_id)
    if party not in {Party(p.kind, p.id) for p in parties_of(tx, edition, desk.names)}:
        raise refused("unknown_party", party=party.id)
    return party


def _answer(edition_id: str, party: Party, code: str, tx: Tx, desk: Desk) -> rpc.Party:
    tx.history.add(edition_id, code, party=party.id)
    parties = parties_of(tx, edition_of(tx, edition_id), desk.names)
    return next(p for p in parties if (p.kind, p.id) == (party.kind, party.id))
