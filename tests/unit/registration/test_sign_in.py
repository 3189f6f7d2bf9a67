"""How people who organise sign in, on the service's own tables: links, passwords, codes, and how each ends."""

from __future__ import annotations

import datetime as dt
import shutil
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pyotp
import pytest

from services.contracts import rpc
from services.contracts.codec import decode, loads
from services.contracts.errors import Refused
from services.contracts.events import Envelope, PersonErased, SignInAsked
from services.kit.application import Application
from services.kit.links import token, token_hash
from services.kit.people import mark_of
from services.kit.settings import Settings
from services.registration.adapters import tables
from services.registration.adapters.accounts import AccountRows, SignInLinkRows
from services.registration.adapters.passwords import Argon2
from services.registration.bootstrap import bootstrap
from services.registration.domain import accounts
from tests.stage import ask_directly

A = TypeVar("A")
SECRET = "s" * 32
ANNE, BOB = "anne@ville.example", "bob@ville.example"
PHRASE = "trois cafés sans sucre"


class Bureau:
    """The service alone, its clock in our hands, and browsers that sign in."""

    def __init__(self, folder: Path) -> None:
        self.now = dt.datetime(2020, 10, 1, 8, 0, tzinfo=dt.timezone.utc)
        self.service: Application[Any] = bootstrap(Settings(data_dir=folder, secret=SECRET), lambda: self.now)
        self.browsers = 0

    def ask(self, request: rpc.Request[A]) -> A:
        return ask_directly(self.service, request)

    def later(self, **time: float) -> None:
        self.now += dt.timedelta(**time)

    def administrator(self, email: str = ANNE) -> str:
        """Make an administrator and return the hash of a link."""
        return token_hash(self.ask(rpc.MakeAdministrator(email.partition("@")[0], email)))

    def invite(self, email: str = BOB, role: accounts.Role = "organiser") -> rpc.Account:
        return self.ask(rpc.InviteAccount(email.partition("@")[0], email, "Bob Marin", role, "fr"))

    def browser(self) -> str:
        self.browsers += 1
        return token_hash(f"browser {self.browsers}")

    def by_link(self, link: str) -> tuple[str, rpc.Admission]:
        browser = self.browser()
        return browser, self.ask(rpc.SignInByLink(link, browser, "Firefox"))

    def by_password(self, password: str, email: str = ANNE) -> tuple[str, rpc.Admission]:
        browser = self.browser()
        return browser, self.ask(rpc.SignInByPassword(email, password, browser, "Firefox"))

    def signed_in(self, email: str = ANNE) -> str:
        browser, admission = self.by_link(self.administrator(email))
        assert admission.state == "in"
        return browser

    def with_password(self) -> str:
        renewed = self.browser()
        assert self.ask(rpc.SetPassword(self.signed_in(), "", PHRASE, renewed)).state == "in"
        return renewed

    def with_codes(self) -> tuple[str, pyotp.TOTP, tuple[str, ...]]:
        """An administrator whose device gives codes: a browser, the device, the recovery codes."""
        browser = self.with_password()
        device = pyotp.TOTP(self.ask(rpc.OfferCodes(browser)))
        return browser, device, self.ask(rpc.StartCodes(browser, device.at(self.now)))

    def opens(self, browser: str) -> bool:
        try:
            return not self.ask(rpc.OpenSignIn(browser)).waits
        except Refused as refusal:
            assert [problem.code for problem in refusal.problems] == ["signed_out"]
            return False

    def mailed(self) -> list[str]:
        """Return the hashes of the links that were mailed, oldest first."""
        with self.service.database.read() as connection:
            bodies = connection.execute(tables.messages.outbox.select()).all()
        asked = [decode(SignInAsked, loads(Envelope, row.body).data) for row in bodies if "sign_in" in row.event_type]
        return [token_hash(token(SECRET, "account", "", event.account_id, event.seed)) for event in asked]


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, made once."""
    folder = tmp_path_factory.mktemp("migrated")
    Bureau(folder).service.database.close()
    return folder / "registration.db"


@pytest.fixture
def bureau(migrated: Path, tmp_path: Path) -> Iterator[Bureau]:
    shutil.copy(migrated, tmp_path)
    bureau = Bureau(tmp_path)
    yield bureau
    bureau.service.database.close()


def code_of(refusal: pytest.ExceptionInfo[Refused]) -> str:
    (problem,) = refusal.value.problems
    return problem.code


# Links ----------------------------------------------------------------------------------------------------------


def test_a_mailed_link_signs_in_once(bureau: Bureau) -> None:
    bureau.administrator()
    bureau.ask(rpc.AskSignInLink(ANNE.upper()))
    (link,) = bureau.mailed()
    browser, admission = bureau.by_link(link)
    assert (admission.state, bureau.opens(browser)) == ("in", True)
    with pytest.raises(Refused) as refusal:
        bureau.by_link(link)
    assert code_of(refusal) == "sign_in_link_over"


@pytest.mark.parametrize(("minutes", "opens"), [(14.9, True), (15, False)])
def test_a_mailed_link_lasts_fifteen_minutes(bureau: Bureau, minutes: float, opens: bool) -> None:
    bureau.administrator()
    bureau.ask(rpc.AskSignInLink(ANNE))
    bureau.later(minutes=minutes)
    try:
        assert bureau.by_link(bureau.mailed()[0])[1].state == "in"
        assert opens
    except Refused:
        assert not opens


def test_an_unknown_address_is_answered_alike_and_mailed_nothing(bureau: Bureau) -> None:
    bureau.administrator()
    assert bureau.ask(rpc.AskSignInLink("eve@ville.example")) is bureau.ask(rpc.AskSignInLink(ANNE)) is None
    assert len(bureau.mailed()) == 1


def test_one_address_gets_three_links_in_a_quarter_of_an_hour(bureau: Bureau) -> None:
    bureau.administrator()
    for _ in range(5):
        bureau.ask(rpc.AskSignInLink(ANNE))
    assert len(bureau.mailed()) == 3
    bureau.later(minutes=15)
    bureau.ask(rpc.AskSignInLink(ANNE))
    assert len(bureau.mailed()) == 4


def test_without_the_limit_it_would_get_them_all(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.registration.handlers.sign_in.seconds_to_wait", lambda *_: 0)
    bureau.administrator()
    for _ in range(5):
        bureau.ask(rpc.AskSignInLink(ANNE))
    assert len(bureau.mailed()) == 5


def race(bureau: Bureau, link: str) -> int:
    """Let eight browsers use one link at the same moment; return how many came in."""
    won, start = [], threading.Barrier(8)

    def use(browser: str) -> None:
        start.wait()
        with suppress(Refused):
            won.append(bureau.ask(rpc.SignInByLink(link, browser, "Firefox")))

    threads = [threading.Thread(target=use, args=(bureau.browser(),)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(won)


def test_of_eight_who_use_a_link_at_once_one_comes_in(bureau: Bureau) -> None:
    assert race(bureau, bureau.administrator()) == 1


def test_a_link_that_is_only_looked_up_lets_them_all_in(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a house that does not use links up."""
    monkeypatch.setattr(SignInLinkRows, "use", lambda self, link, now: "anne")
    assert race(bureau, bureau.administrator()) == 8


def test_no_table_holds_a_token(bureau: Bureau) -> None:
    printed = bureau.ask(rpc.MakeAdministrator("anne", ANNE))
    with bureau.service.database.read() as connection:
        rows = [str(row) for table in tables.metadata.sorted_tables for row in connection.execute(table.select())]
    assert [row for row in rows if printed in row] == []
    assert [row for row in rows if token_hash(printed) in row] != []


# Passwords --------------------------------------------------------------------------------------------------------


def test_a_password_signs_in_and_only_its_hash_is_kept(bureau: Bureau) -> None:
    bureau.with_password()
    assert bureau.by_password(PHRASE)[1].state == "in"
    assert bureau.by_password("trois cafés avec sucre")[1].state == "wrong"
    with bureau.service.database.read() as connection:
        (kept,) = connection.execute(tables.account.select()).all()
    assert kept.password.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert PHRASE not in str(kept)


def test_a_hash_of_other_costs_is_made_anew(bureau: Bureau) -> None:
    bureau.with_password()
    with bureau.service.database.begin() as connection:
        rows = AccountRows(connection, SECRET)
        rows.save(replace(rows.all()[0], password=Argon2(memory=8 * 1024, passes=1).hash(PHRASE)))
    assert bureau.by_password(PHRASE)[1].state == "in"
    with bureau.service.database.read() as connection:
        assert "m=19456,t=2" in AccountRows(connection, SECRET).all()[0].password


def test_an_unknown_address_and_an_account_without_password_are_wrong(bureau: Bureau) -> None:
    bureau.administrator()
    assert [bureau.by_password("", email)[1].state for email in (ANNE, "eve@ville.example")] == ["wrong", "wrong"]


def test_after_five_wrong_passwords_even_the_right_one_waits(bureau: Bureau) -> None:
    bureau.with_password()
    assert [bureau.by_password("guess")[1].state for _ in range(6)] == ["wrong"] * 5 + ["wait"]
    assert bureau.by_password(PHRASE)[1] == rpc.Admission("wait", 300)
    bureau.later(minutes=5)
    assert bureau.by_password(PHRASE)[1].state == "in"


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("onze lettre", "password_short"),
        ("motdepasse2024!", "password_common"),
        ("azertyuiopqsdf", "password_common"),
        ("123456789012", "password_common"),
        ("abcabcabcabc", "password_common"),
        ("Anne.Ville.Example", "password_common"),
        ("x" * 201, "password_long"),
    ],
)
def test_a_password_that_is_tried_first_is_refused(bureau: Bureau, password: str, code: str) -> None:
    browser = bureau.signed_in()
    with pytest.raises(Refused) as refusal:
        bureau.ask(rpc.SetPassword(browser, "", password, bureau.browser()))
    assert code_of(refusal) == code
    assert bureau.opens(browser)


def test_any_letters_will_do(bureau: Bureau) -> None:
    assert bureau.ask(rpc.SetPassword(bureau.signed_in(), "", "aaaaaaaabbbb", bureau.browser())).state == "in"


def test_changing_a_password_takes_the_one_before_and_ends_every_other_sign_in(bureau: Bureau) -> None:
    first = bureau.with_password()
    second, _ = bureau.by_password(PHRASE)
    renewed = bureau.browser()
    assert bureau.ask(rpc.SetPassword(second, "guess", "quatre thés verts", renewed)).state == "wrong"
    assert bureau.ask(rpc.SetPassword(second, PHRASE, "quatre thés verts", renewed)).state == "in"
    assert [bureau.opens(browser) for browser in (first, second, renewed)] == [False, False, True]


# Codes ------------------------------------------------------------------------------------------------------------


def test_a_device_is_asked_for_after_password_and_link(bureau: Bureau) -> None:
    _, device, _ = bureau.with_codes()
    bureau.later(minutes=1)
    bureau.ask(rpc.AskSignInLink(ANNE))
    for browser, admission in (bureau.by_password(PHRASE), bureau.by_link(bureau.mailed()[-1])):
        assert (admission.state, bureau.opens(browser)) == ("code", False)
        renewed = bureau.browser()
        assert bureau.ask(rpc.GiveCode(browser, device.at(bureau.now), renewed)).state == "in"
        assert (bureau.opens(browser), bureau.opens(renewed)) == (False, True)
        bureau.later(minutes=1)


@pytest.mark.parametrize(("steps", "state"), [(-2, "wrong"), (-1, "in"), (0, "in"), (1, "in"), (2, "wrong")])
def test_a_code_counts_one_step_around_now(bureau: Bureau, steps: int, state: str) -> None:
    _, device, _ = bureau.with_codes()
    bureau.later(minutes=10)
    browser, _ = bureau.by_password(PHRASE)
    code = device.at(bureau.now, counter_offset=steps)
    assert bureau.ask(rpc.GiveCode(browser, code, bureau.browser())).state == state


def replayed(bureau: Bureau) -> str:
    _, device, _ = bureau.with_codes()
    bureau.later(minutes=1)
    code, states = device.at(bureau.now), []
    for _ in range(2):
        browser, _ = bureau.by_password(PHRASE)
        states.append(bureau.ask(rpc.GiveCode(browser, code, bureau.browser())).state)
    assert states[0] == "in"
    return states[1]


def test_a_code_counts_once(bureau: Bureau) -> None:
    assert replayed(bureau) == "wrong"


def test_a_house_that_forgets_steps_takes_a_code_twice(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AccountRows, "take_step", lambda self, account, step: True)
    assert replayed(bureau) == "in"


def test_the_code_that_started_the_device_does_not_sign_in(bureau: Bureau) -> None:
    _, device, _ = bureau.with_codes()
    browser, _ = bureau.by_password(PHRASE)
    assert bureau.ask(rpc.GiveCode(browser, device.at(bureau.now), bureau.browser())).state == "wrong"


def test_ten_recovery_codes_open_once_each_however_typed(bureau: Bureau) -> None:
    _, _, recovery = bureau.with_codes()
    assert len(set(recovery)) == 10
    for state in ("in", "wrong"):
        browser, _ = bureau.by_password(PHRASE)
        typed = f" {recovery[3][:4].lower()}-{recovery[3][4:]} "
        assert bureau.ask(rpc.GiveCode(browser, typed, bureau.browser())).state == state


def test_after_five_wrong_codes_even_the_right_one_waits(bureau: Bureau) -> None:
    _, device, _ = bureau.with_codes()
    bureau.later(minutes=1)
    browser, _ = bureau.by_password(PHRASE)
    codes = ["000000"] * 5 + [device.at(bureau.now)]
    states = [bureau.ask(rpc.GiveCode(browser, code, bureau.browser())).state for code in codes]
    assert states == ["wrong"] * 5 + ["wait"]


def test_a_wrong_first_code_starts_no_device_and_the_offer_stays(bureau: Bureau) -> None:
    browser = bureau.signed_in()
    secret = bureau.ask(rpc.OfferCodes(browser))
    with pytest.raises(Refused) as refusal:
        bureau.ask(rpc.StartCodes(browser, "000000"))
    assert code_of(refusal) == "code_wrong"
    assert bureau.ask(rpc.OfferCodes(browser)) == secret
    assert not bureau.ask(rpc.OpenSignIn(browser)).account.has_codes


# How it ends --------------------------------------------------------------------------------------------------------


def test_a_sign_in_ends_after_two_hours_without_use(bureau: Bureau) -> None:
    browser = bureau.signed_in()
    bureau.later(hours=1.9)
    assert bureau.ask(rpc.OpenSignIn(browser)).to_note
    bureau.ask(rpc.NoteSignIn(browser))
    bureau.later(hours=1.9)
    assert bureau.opens(browser)
    bureau.later(hours=0.1)
    assert not bureau.opens(browser)


def test_a_sign_in_ends_after_twelve_hours_whatever_its_use(bureau: Bureau) -> None:
    browser = bureau.signed_in()
    seen = []
    for _ in range(13):
        seen.append(bureau.opens(browser))
        bureau.ask(rpc.NoteSignIn(browser))
        bureau.later(hours=1)
    assert seen == [True] * 12 + [False]


def test_a_person_ends_one_sign_in_or_all(bureau: Bureau) -> None:
    bureau.with_password()
    browsers = [bureau.by_password(PHRASE)[0] for _ in range(3)]
    assert {began.id for began in bureau.ask(rpc.ListSignIns("anne"))} > set(browsers)
    bureau.ask(rpc.EndSignIns("anne", (browsers[0],)))
    assert [bureau.opens(browser) for browser in browsers] == [False, True, True]
    bureau.ask(rpc.EndSignIns("anne"))
    assert [bureau.opens(browser) for browser in browsers] == [False] * 3


def test_nobody_ends_the_sign_in_of_another(bureau: Bureau) -> None:
    browser = bureau.signed_in()
    bureau.ask(rpc.EndSignIns("bob", (browser,)))
    assert bureau.opens(browser)


@pytest.mark.parametrize(("role", "disabled", "codes"), [("reader", False, False), ("organiser", True, False)])
def test_another_role_or_none_ends_every_sign_in_and_link(
    bureau: Bureau, role: accounts.Role, disabled: bool, codes: bool
) -> None:
    bureau.administrator()
    bureau.invite()
    bureau.ask(rpc.AskSignInLink(BOB))
    first, second = bureau.mailed()
    browser, _ = bureau.by_link(first)
    bureau.ask(rpc.ChangeAccount("bob", role, disabled, codes))
    assert not bureau.opens(browser)
    with pytest.raises(Refused):
        bureau.by_link(second)


def test_a_disabled_person_cannot_come_back_by_any_door(bureau: Bureau) -> None:
    bureau.administrator(BOB)
    bureau.with_password()
    bureau.ask(rpc.ChangeAccount("anne", "administrator", disabled=True))
    bureau.ask(rpc.AskSignInLink(ANNE))
    assert (bureau.mailed(), bureau.by_password(PHRASE)[1].state) == ([], "wrong")


def test_a_sign_in_that_was_ended_is_not_brought_back_by_its_last_use(bureau: Bureau) -> None:
    browser = bureau.signed_in()
    bureau.ask(rpc.EndSignIns("anne"))
    bureau.ask(rpc.NoteSignIn(browser))
    assert not bureau.opens(browser)


# People -------------------------------------------------------------------------------------------------------------


def test_an_invited_person_signs_in_by_the_link_for_three_days(bureau: Bureau) -> None:
    bureau.invite(role="reader")
    bureau.later(days=2.9)
    browser, _ = bureau.by_link(bureau.mailed()[0])
    account = bureau.ask(rpc.OpenSignIn(browser)).account
    assert (account.role, account.email, account.seen_at) == ("reader", BOB, bureau.now)


def test_an_address_has_one_account(bureau: Bureau) -> None:
    bureau.invite()
    with pytest.raises(Refused) as refusal:
        bureau.ask(rpc.InviteAccount("other", BOB.upper(), "Bob", "reader", "fr"))
    assert code_of(refusal) == "account_known"


@pytest.mark.parametrize(
    "change",
    [
        rpc.ChangeAccount("anne", "organiser", False),
        rpc.ChangeAccount("anne", "administrator", True),
        rpc.ErasePerson(mark_of(SECRET, ANNE)),
    ],
)
def test_the_last_administrator_stays(bureau: Bureau, change: rpc.Request[Any]) -> None:
    bureau.administrator()
    bureau.invite()
    with pytest.raises(Refused) as refusal:
        bureau.ask(change)
    assert code_of(refusal) == "last_administrator"
    bureau.administrator(BOB)
    bureau.ask(change)


def test_whoever_runs_the_server_gets_a_person_back_in_who_lost_the_device(bureau: Bureau) -> None:
    browser, _, _ = bureau.with_codes()
    again, admission = bureau.by_link(bureau.administrator())
    assert (bureau.opens(browser), admission.state, bureau.opens(again)) == (False, "in", True)
    assert not bureau.ask(rpc.OpenSignIn(again)).account.has_codes


def test_erasing_a_person_takes_the_account_and_its_sign_ins(bureau: Bureau) -> None:
    bureau.administrator(BOB)
    browser = bureau.signed_in()
    held = bureau.ask(rpc.FindPerson("registration", ANNE))
    assert "account" in {row.table for row in held}
    bureau.ask(rpc.ErasePerson(mark_of(SECRET, ANNE)))
    with bureau.service.database.read() as connection:
        bodies = [row.body for row in connection.execute(tables.messages.outbox.select())]
    (erased,) = [body for body in bodies if loads(Envelope, body).type == PersonErased.type()]
    bureau.service.receive(PersonErased, erased)
    assert not bureau.opens(browser)
    assert [account.email for account in bureau.ask(rpc.ListAccounts())] == [BOB]
    assert bureau.ask(rpc.FindPerson("registration", ANNE)) == ()
