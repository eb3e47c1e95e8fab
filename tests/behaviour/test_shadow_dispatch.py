"""An application that dispatches to a real RQ and a real BullMQ: threads, event loops, forks, and a Redis that goes away."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as client

from migrator.servers import redis
from migrator.shadow.dispatch import Dispatcher
from migrator.shadow.drivers.interface import StoreDown
from migrator.shadow.ticket import Ticket
from tests.shadow.dispatching import FILE, collected

pytestmark = pytest.mark.behaviour


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with redis() as url:
        yield url


@pytest.fixture
def shadow(tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dispatcher]:
    client.Redis.from_url(server).flushdb()
    monkeypatch.setenv("OLD_URL", server)
    monkeypatch.setenv("NEW_URL", server)
    (tmp_path / "experiment.toml").write_text(FILE)
    with Dispatcher.open(tmp_path / "experiment.toml") as opened:
        yield opened


def is_there(url: str, ticket: Ticket) -> bool:
    """The store of the ticket's arm has the job, and no other store has."""
    store = client.Redis.from_url(url)
    rq, bullmq = store.exists(f"rq:job:{ticket.key}"), store.exists(f"bull:mail:{ticket.key}")
    return (rq, bullmq) == ((1, 0) if ticket.arm == "old" else (0, 1))


def test_jobs_of_threads_loops_and_forks_are_in_the_store_that_the_books_say(tmp_path: Path, server: str, shadow: Dispatcher) -> None:
    tickets: list[Ticket] = []

    def work(start: int) -> None:
        tickets.extend(shadow.send("mail", {"to": n}, unit=n) for n in range(start, start + 10))

    threads = [threading.Thread(target=work, args=(start,)) for start in (0, 100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    async def application() -> None:
        tickets.append(shadow.send("mail", {"to": 300}, parent="new"))
        tickets.extend(await asyncio.gather(*(shadow.asend("mail", {"to": n}, unit=n) for n in range(301, 321))))

    asyncio.run(application())
    child = os.fork()
    if not child:
        try:
            for number in range(10):
                shadow.send("mail", {"to": number}, unit=number, key=f"of-the-child-{number}")
            shadow.recorder.close()
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert len(tickets) == 51
    assert {ticket.arm for ticket in tickets} == {"old", "new"}
    assert all(is_there(server, ticket) for ticket in tickets)
    shadow.close()
    with collected(tmp_path / ".migrator" / "x.spool", tmp_path / "ledger") as ledger:
        assert ledger.missing_sequences() == {}
        counts = {kind: len(list(ledger.events(kind=kind))) for kind in ("assigned", "enqueue_ok", "enqueue_failed")}
        assert counts == {"assigned": 61, "enqueue_ok": 61, "enqueue_failed": 0}
        assert {arm: ledger.conservation(arm).holds for arm in ("old", "new")} == {"old": True, "new": True}


def test_the_same_key_is_one_job_in_either_store(server: str, shadow: Dispatcher) -> None:
    for arm in ("old", "new"):
        tickets = [shadow.send("mail", {"to": 1}, parent=arm, key=f"once-in-{arm}") for _ in range(3)]
        assert len({ticket.key for ticket in tickets}) == 1
        assert is_there(server, tickets[0])
    store = client.Redis.from_url(server)
    assert (store.llen("rq:queue:mail"), store.llen("bull:mail:wait")) == (1, 1)


def test_a_store_that_is_down_is_heard_of_by_who_sends_and_used_again_when_it_is_back(
    tmp_path: Path, server: str, shadow: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEW_URL", "redis://127.0.0.1:1/0")
    with pytest.raises(StoreDown):
        shadow.send("mail", {"to": 1}, parent="new")
    kept = shadow.send("mail", {"to": 2}, parent="old")
    assert is_there(server, kept)
    shadow.close()
    with collected(tmp_path / ".migrator" / "x.spool", tmp_path / "ledger") as ledger:
        (failed,) = ledger.events(kind="enqueue_failed")
        assert (failed.arm, failed.err_type) == ("new", "StoreDown")
        assert ledger.conservation("new").count("enqueue_failed") == 1
