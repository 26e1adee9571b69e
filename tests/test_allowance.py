"""How often somebody may, and of how many that is remembered."""

from datetime import UTC, datetime

from server.callers import Allowance, Login, User, known
from server.callers.caller import Caller
from server.context import MOST_ACCOUNTS, Accounts, Deps
from server.store import sparing


def test_what_is_spent_comes_back_with_time() -> None:
    now = [0.0]
    allowance = Allowance(2, lambda: now[-1])
    assert [allowance.take("ada"), allowance.take("ada"), allowance.take("ada")] == [0.0, 0.0, 30.0]
    assert allowance.take("ben") == 0.0
    now.append(30.0)
    assert [allowance.take("ada"), allowance.take("ada")] == [0.0, 30.0]


def test_of_too_many_the_oldest_is_forgotten() -> None:
    allowance, counted = Allowance(1, lambda: 0.0), sparing.Sparing(lambda: datetime.now(UTC))
    for number in range(10_001):
        allowance.take(str(number))
        counted.take(str(number), 1)
    assert (allowance.take("0"), allowance.take("10000")) == (0.0, 60.0)
    assert (counted.take("0", 1)[0], counted.take("10000", 1)[0]) == (True, False)


def test_an_account_keeps_its_clients_until_there_are_too_many_others() -> None:
    accounts, site = Accounts(lambda _site, _login: Deps()), Deps()
    callers = [Caller(f"atlassian:{number}", Login(str(number), "token")) for number in range(MOST_ACCOUNTS + 1)]
    first = accounts(site, callers[0])
    assert accounts(site, callers[0]) is first
    assert accounts(site, callers[1]) is not first
    for caller in callers:
        accounts(site, caller)
    assert accounts(site, callers[0]) is not first


def test_neither_a_login_nor_a_token_is_shown_by_what_carries_it() -> None:
    caller = Caller("atlassian:1", Login("ada@example.com", "secret"))
    assert "secret" not in repr(caller)
    assert "secret" not in repr(User(caller).access_token)
    assert known(None) is None
