"""Events through real servers: everything once, also where the server or one of the two ends goes away in between."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis as client

from migrator.errors import MigratorError
from migrator.servers import postgres, redis
from migrator.shadow.ledger.sqlite import SqliteLedger
from migrator.shadow.policy.reading import read_policy
from migrator.shadow.recorder.recorder import Recorder
from migrator.shadow.transport import postgres_rows, redis_streams
from migrator.shadow.transport.collecting import Collector
from migrator.shadow.transport.interface import Ended
from migrator.shadow.transport.line import encoded
from migrator.shadow.transport.opening import inlet_of, outlet_of
from migrator.shadow.transport.postgres_rows import PostgresInlet, PostgresOutlet
from migrator.shadow.transport.redis_streams import RedisInlet, RedisOutlet
from migrator.shadow.transport.waiting import Full
from tests.shadow.dispatching import FILE
from tests.shadow.recorder.lines import line

pytestmark = pytest.mark.behaviour


class Transport:
    """One kind of server, with both ends."""

    def __init__(self, url: str) -> None:
        self.url, self.is_redis = url, url.startswith("redis")
        self.outlet_kind, self.inlet_kind = (RedisOutlet, RedisInlet) if self.is_redis else (PostgresOutlet, PostgresInlet)

    def outlet(self, url: str = "") -> RedisOutlet | PostgresOutlet:
        return self.outlet_kind(url or self.url, "x", "URL")

    def nowhere(self) -> RedisOutlet | PostgresOutlet:
        """To a server that is not there."""
        return self.outlet("redis://127.0.0.1:1/0" if self.is_redis else "postgresql://127.0.0.1:1/x")

    def inlet(self) -> RedisInlet | PostgresInlet:
        return self.inlet_kind(self.url, "x", "URL")

    def clear(self) -> None:
        if self.is_redis:
            client.Redis.from_url(self.url).flushdb()
        else:
            with psycopg.connect(self.url) as connection:
                connection.execute("DROP TABLE IF EXISTS migrator_events")

    def waiting(self) -> int:
        """Entries or rows that are not done."""
        if self.is_redis:
            return client.Redis.from_url(self.url).xlen("migrator:x:events")  # pyright: ignore
        with psycopg.connect(self.url) as connection:
            if connection.execute("SELECT to_regclass('migrator_events')").fetchone() == (None,):
                return 0
            return connection.execute("SELECT count(*) FROM migrator_events").fetchone()[0]  # pyright: ignore


@pytest.fixture(scope="module", params=[redis, postgres], ids=["redis", "postgres"])
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    with request.param() as url:
        yield url


@pytest.fixture
def transport(server: str) -> Transport:
    made = Transport(server)
    made.clear()
    return made


def lines(*numbers: int) -> list[bytes]:
    """Encoded events."""
    return [encoded(line(n, event_id=f"e{n}", boot_id="b", seq=n)) for n in numbers]


def jobs(inlet: RedisInlet | PostgresInlet, limit: int = 10_000) -> list[str]:
    """The jobs that came in, done with."""
    batch = inlet.read(limit)
    inlet.done(batch)
    return [found.job_key for found in batch.lines]


def until(true: Callable[[], bool]) -> None:
    """Wait for something that another thread does."""
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)


def test_what_is_sent_comes_out_in_order_and_leaves_nothing_behind(transport: Transport) -> None:
    outlet, inlet = transport.outlet(), transport.inlet()
    assert inlet.read().empty
    outlet.send(lines(*range(250)), [Ended(boot_id="b", numbered=300)])
    batch = inlet.read()
    assert [l.job_key for l in batch.lines] == [str(n) for n in range(250)]
    assert batch.ended == (Ended(boot_id="b", numbered=300),)
    inlet.done(batch)
    assert inlet.read().empty
    assert transport.waiting() == 0


def test_what_was_sent_before_anybody_read_is_not_passed_over(transport: Transport) -> None:
    transport.outlet().send(lines(1, 2))
    assert jobs(transport.inlet()) == ["1", "2"]


def test_what_is_read_and_not_done_is_read_again_by_whoever_comes_next(transport: Transport) -> None:
    outlet, inlet = transport.outlet(), transport.inlet()
    outlet.send(lines(1))
    assert [l.job_key for l in inlet.read().lines] == ["1"]
    outlet.send(lines(2))
    assert inlet.read().lines[0].job_key == "1"
    other = transport.inlet()
    assert [*jobs(other), *jobs(other)] == ["1", "2"]
    assert jobs(other) == []


def test_entries_that_somebody_deleted_do_not_stop_the_others(transport: Transport) -> None:
    outlet, inlet = transport.outlet(), transport.inlet()
    outlet.send(lines(1))
    inlet.read()
    if transport.is_redis:
        client.Redis.from_url(transport.url).xtrim("migrator:x:events", maxlen=0)
    else:
        transport.clear()
        outlet = transport.outlet()
    outlet.send(lines(2))
    assert [*jobs(inlet), *jobs(inlet)] == ["2"]


def test_a_limit_is_kept_to(transport: Transport) -> None:
    outlet, inlet = transport.outlet(), transport.inlet()
    outlet.send(lines(*range(1000)))
    first = jobs(inlet, limit=300)
    assert first == [str(n) for n in range(300)]
    assert [*first, *jobs(inlet)] == [str(n) for n in range(1000)]


def test_a_line_that_is_no_event_is_told_of(transport: Transport) -> None:
    transport.outlet().send([b"{}\n", *lines(1)])
    batch = transport.inlet().read()
    assert [l.job_key for l in batch.lines] == ["1"]
    assert len(batch.unreadable) == 1


def test_experiments_do_not_meet(transport: Transport) -> None:
    transport.outlet_kind(transport.url, "another", "URL").send(lines(1))
    assert jobs(transport.inlet()) == []


def test_what_nobody_takes_out_takes_no_more(transport: Transport, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_streams, "ENTRIES", 3)
    monkeypatch.setattr(postgres_rows, "ENTRIES", 3)
    outlet = transport.outlet()
    for number in range(3):
        outlet.send(lines(number))
    with pytest.raises(Full, match="nobody takes them out"):
        outlet.send(lines(3))
    assert jobs(transport.inlet()) == ["0", "1", "2"]
    outlet.send(lines(3))


def collected(transport: Transport, path: Path) -> tuple[list[str], dict[str, int]]:
    """Jobs in the ledger in the order of their numbers, and what is missing."""
    with SqliteLedger.create(path) as ledger:
        collector = Collector(transport.inlet(), ledger, lambda _: 1)
        while collector.collect():
            pass
        return sorted((event.job_key for event in ledger.events()), key=int), ledger.missing_sequences()


@pytest.mark.parametrize("durability", ["memory", "wal"])
def test_what_was_recorded_waits_on_disk_while_the_server_is_away(tmp_path: Path, transport: Transport, durability: str) -> None:
    """The outlet fails until it is told otherwise: the address is that of nobody."""
    away, told = True, list[str]()

    def make() -> RedisOutlet | PostgresOutlet:
        return transport.nowhere() if away else transport.outlet()

    spool = tmp_path / "spool"
    recorder = Recorder(spool, outlet=make, durability=durability, alarm=told.append)  # pyright: ignore
    for number in range(2500):
        recorder.record(line(number))
    until(lambda: any("cannot be reached" in words for words in told))
    recorder.flush()
    assert sum(path.stat().st_size for path in spool.glob("*.jsonl")) > 0
    assert transport.waiting() == 0
    away = False
    recorder.close(patience=60)
    assert not list(spool.glob("*.jsonl"))
    assert collected(transport, tmp_path / "ledger") == ([str(n) for n in range(2500)], {})


def test_what_a_killed_process_left_on_disk_is_sent_by_the_next_one(tmp_path: Path, transport: Transport) -> None:
    spool = tmp_path / "spool"
    child = os.fork()
    if not child:
        dead = Recorder(spool, outlet=transport.nowhere, alarm=lambda _: None)
        dead.record(line(1))
        dead.record(line(2))
        dead.flush()
        dead.record(line(3))  # still in memory when it dies
        os._exit(9)
    os.waitpid(child, 0)
    recorder = Recorder(spool, outlet=transport.outlet)
    recorder.record(line(4))
    recorder.close(patience=60)
    found, missing = collected(transport, tmp_path / "ledger")
    assert found == ["1", "2", "4"]
    assert list(missing.values()) == [1]


def test_a_disk_that_cannot_be_written_to_does_not_keep_events_from_a_server_that_answers(tmp_path: Path, transport: Transport) -> None:
    (tmp_path / "spool").write_text("")
    recorder = Recorder(tmp_path / "spool", outlet=transport.outlet, alarm=lambda _: None)
    recorder.record(line(1))
    recorder.record(line(2))
    assert recorder.flush()
    recorder.close()
    assert collected(transport, tmp_path / "ledger") == (["1", "2"], {})


def test_the_file_names_the_variable(tmp_path: Path, transport: Transport, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "experiment.toml"
    file.write_text(FILE + '[recorder]\ntransport = "EVENTS_URL"\n')
    loaded = read_policy(file)
    monkeypatch.delenv("EVENTS_URL", raising=False)
    with pytest.raises(MigratorError, match="EVENTS_URL: is not set"):
        outlet_of(loaded)
    monkeypatch.setenv("EVENTS_URL", "ftp://nowhere")
    with pytest.raises(MigratorError, match="no address of Redis or Postgres"):
        inlet_of(loaded)
    monkeypatch.setenv("EVENTS_URL", transport.url)
    make = outlet_of(loaded)
    assert make
    make().send(lines(1))
    inlet = inlet_of(loaded)
    assert [l.job_key for l in inlet.read().lines] == ["1"]
    assert transport.url not in inlet.place
    inlet.close()
