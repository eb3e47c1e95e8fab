"""One protocol in two stores, both real: one holder for each job, whoever asks at the same moment."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
import redis as redis_client

from migrator.errors import MigratorError
from migrator.servers import postgres, redis
from migrator.shadow.modes.claims import Claim, Claims, ClaimsDown, holder_of
from migrator.shadow.modes.claims_opening import open_claims
from migrator.shadow.modes.claims_postgres import PostgresClaims

KEEP = 86_400.0


@pytest.fixture(scope="module")
def addresses() -> Generator[dict[str, str]]:
    with redis() as cache, postgres() as database:
        yield {"redis": cache, "postgres": database}


@pytest.fixture(params=["redis", "postgres"])
def store(request: pytest.FixtureRequest, addresses: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Callable[[], Claims]:
    monkeypatch.setenv("CLAIMS", addresses[request.param])
    if request.param == "redis":
        redis_client.Redis.from_url(addresses["redis"]).flushall()
    else:
        with psycopg.connect(addresses["postgres"], autocommit=True) as connection:
            connection.execute("DROP TABLE IF EXISTS migrator_claim")
    return lambda: open_claims("CLAIMS", timeout=20.0, keep=KEEP)


def test_the_first_has_it_and_has_it_again_until_it_is_done(store: Callable[[], Claims]) -> None:
    one, other = store(), store()
    assert one.claim("k", "new:1") == Claim("new:1")
    assert other.claim("k", "old:2") == Claim("new:1"), "the other is told who has it"
    assert one.claim("k", "new:1").lets("new:1"), "a retry is let through"
    one.done("k", "new:1")
    assert one.claim("k", "new:1") == Claim("new:1", done=True)
    assert not one.claim("k", "new:1").lets("new:1"), "what is done is not done again"
    assert other.look(["k", "unknown"]) == {"k": Claim("new:1", done=True)}
    assert other.look([]) == {}


def test_who_lost_cannot_mark_it_as_done(store: Callable[[], Claims]) -> None:
    claims = store()
    claims.done("k", "old:2")
    assert claims.look(["k"]) == {}, "nothing is claimed by saying that it is done"


def test_of_many_at_once_one_wins_each_job(store: Callable[[], Claims]) -> None:
    rivals, jobs = 8, [f"k{n}" for n in range(25)]
    everybody = [store() for _ in range(rivals)]
    gate = threading.Barrier(rivals)

    def claim_all(number: int) -> list[str]:
        won: list[str] = []
        for key in jobs:
            gate.wait()
            won += [key] if everybody[number].claim(key, f"arm:{number}").lets(f"arm:{number}") else []
        return won

    with ThreadPoolExecutor(rivals) as pool:
        won = list(pool.map(claim_all, range(rivals)))
    assert sorted(key for keys in won for key in keys) == sorted(jobs)


def test_a_forked_child_claims_with_a_connection_of_its_own(store: Callable[[], Claims]) -> None:
    claims = store()
    claims.claim("parent", "a:1")
    # What a prefork worker does: its children inherit what it had opened.
    pid = os.fork()
    if pid == 0:
        os._exit(0 if claims.claim("child", "a:2").lets("a:2") else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert claims.look(["parent", "child"]) == {"parent": Claim("a:1"), "child": Claim("a:2")}, "and leaves the parent's as it was"


def test_a_store_that_is_not_there_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for address in ("redis://127.0.0.1:1/0", "postgresql://nobody@127.0.0.1:1/none"):
        monkeypatch.setenv("CLAIMS", address)
        claims = open_claims("CLAIMS", timeout=1.0, keep=KEEP)
        with pytest.raises(ClaimsDown):
            claims.claim("k", "a:1")


@pytest.mark.parametrize("address", ["", "amqp://localhost"])
def test_an_address_of_neither_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAIMS", address)
    with pytest.raises(MigratorError) as error:
        open_claims("CLAIMS", timeout=1.0, keep=KEEP)
    assert error.value.place == "CLAIMS"


def test_claims_do_not_stay_for_ever(addresses: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAIMS", addresses["redis"])
    open_claims("CLAIMS", timeout=20.0, keep=KEEP).claim("fresh", "a:1")
    client = redis_client.Redis.from_url(addresses["redis"])
    assert KEEP - 60 < client.ttl("migrator:claim:fresh") <= KEEP
    open_claims("CLAIMS", timeout=20.0, keep=KEEP).done("fresh", "a:1")
    assert client.ttl("migrator:claim:fresh") > KEEP - 60, "also when it is done"
    monkeypatch.setenv("CLAIMS", addresses["postgres"])
    open_claims("CLAIMS", timeout=20.0, keep=KEEP).claim("fresh", "a:1")
    with psycopg.connect(addresses["postgres"], autocommit=True) as connection:
        connection.execute("INSERT INTO migrator_claim VALUES ('stale', 'a:1', now() - interval '2 days')")
    assert set(open_claims("CLAIMS", timeout=20.0, keep=KEEP).look(["fresh", "stale"])) == {"fresh"}


def test_every_copy_has_a_holder_of_its_own() -> None:
    holders = {holder_of("new.arm") for _ in range(100)}
    assert len(holders) == 100
    assert {Claim(holder).arm for holder in holders} == {"new.arm"}


def test_a_child_does_not_wait_for_what_a_thread_of_its_parent_was_doing() -> None:
    claims = PostgresClaims("postgresql://127.0.0.1:1/none", name="CLAIMS", timeout=1.0, keep=3600.0)
    with claims._lock:  # pyright: ignore[reportPrivateUsage]
        pid = os.fork()
        if pid == 0:
            signal.alarm(20)
            try:
                claims.claim("k", "new:1")
            except ClaimsDown:
                os._exit(7)
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 7, "it waits for ever for a lock that nobody holds in the child"
