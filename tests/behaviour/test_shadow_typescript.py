"""The module in TypeScript, run by Node: it decides and records as Python does, and what it records is what the ledger takes."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from migrator.servers import Servers, node, servers
from migrator.shadow import identity
from migrator.shadow.ledger import SqliteLedger, fold
from migrator.shadow.modes.claims import Claims
from migrator.shadow.modes.claims_postgres import PostgresClaims
from migrator.shadow.modes.claims_redis import RedisClaims
from migrator.shadow.policy.changing import change, kill
from migrator.shadow.policy.generating import typescript
from migrator.shadow.policy.policy import Decider
from migrator.shadow.policy.reading import LoadedPolicy, read_policy
from migrator.shadow.policy.state import State
from migrator.shadow.recorder.stamping import TEXT
from migrator.shadow.transport.collecting import Collector
from migrator.shadow.transport.folder import FolderInlet
from migrator.shadow.transport.line import Line
from migrator.shadow.transport.postgres_rows import PostgresInlet
from migrator.shadow.transport.redis_streams import RedisInlet
from migrator.whole_file import replace
from tests.behaviour.shadow_stage import PATIENCE
from tests.codemods.typescript.inngest_to_bullmq.modules import type_errors
from tests.fixtures.articles import installed

pytestmark = pytest.mark.behaviour
APPLICATION = Path(__file__).parent / "shadow_app"
FILE = """
[experiment]
name = "imports"
current = "pg-boss"
unit = "article"
[[job]]
name = "import_article"
queue = "imports"
max_attempts = 3
[arms.pg-boss]
system = "pg-boss"
connection = "DATABASE_URL"
weight = 1
[arms.bullmq]
system = "bullmq"
connection = "REDIS_URL"
weight = 1
"""


@pytest.fixture(scope="module")
def stores() -> Generator[Servers]:
    with servers() as running:
        yield running


@pytest.fixture
def loaded(tmp_path: Path) -> LoadedPolicy:
    """An application's folder, with the module in it."""
    file = tmp_path / "experiment.toml"
    file.write_text(FILE)
    found = read_policy(file)
    (tmp_path / "shadow.ts").write_text(typescript(found, dispatch=True))
    (tmp_path / "app.ts").write_bytes((APPLICATION / "app.ts").read_bytes())
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "node_modules").symlink_to(installed() / "node_modules")
    return found


def run(loaded: LoadedPolicy, what: str, given: object, **env: str) -> str:
    """What the application says."""
    folder = loaded.file.parent
    (folder / "given.json").write_text(json.dumps(given))
    command = ["sh", "-c", f"node --experimental-strip-types --no-warnings app.ts {what} < given.json"]
    return node().run_command(command, folder=folder, extra=env).stdout


def lines_of(loaded: LoadedPolicy) -> list[Line]:
    batch = FolderInlet(loaded.spool).read()
    assert batch.unreadable == ()
    return list(batch.lines)


def test_it_passes_the_compiler_at_its_strictest(loaded: LoadedPolicy, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/shadow.ts").write_text(typescript(loaded, dispatch=True))
    (tmp_path / "src/use.ts").write_bytes((APPLICATION / "use.ts").read_bytes())
    assert type_errors(tmp_path, strict=True) == ""
    wrong = (tmp_path / "src/use.ts").read_text().replace('"pg-boss": (payload)', '"pgboss": (payload)')
    (tmp_path / "src/use.ts").write_text(wrong)
    assert "'\"pgboss\"' does not exist" in type_errors(tmp_path, strict=True), "an arm without a way in does not compile"


def test_jobs_go_where_python_would_send_them_under_the_same_keys(loaded: LoadedPolicy) -> None:
    keys = ["order-7", "order:7", "ünïcode-键", "x" * 101, *(f"k{n}" for n in range(40))]
    given = [{"key": key, "payload": {"article": n, "text": "é"}} for n, key in enumerate(keys)]
    said = json.loads(run(loaded, "send", given))
    id_, decider = identity.experiment_id("imports", "imports"), Decider(loaded.policy, State())
    expected = [(decider.decide("import_article", str(n)), identity.job_key(id_, "import_article", key)) for n, key in enumerate(keys)]
    assert [(job["arm"], job["key"]) for job in said["sent"]] == [(routed.arm, key) for routed, key in expected]
    assert {job["arm"] for job in said["sent"]} == {"pg-boss", "bullmq"}
    routed, key = expected[0]
    assert said["sent"][0]["whole"] == {"article": 0, "text": "é", **identity.mark(id_, key, routed.arm)}
    lines = lines_of(loaded)
    assert Counter(line.kind for line in lines) == {"assigned": len(keys), "enqueue_ok": len(keys)}
    first, second = lines[:2]
    assert (first.event_id, second.event_id) == (f"{routed.arm}:{key}:assigned", f"{routed.arm}:{key}:enqueue_ok")
    assert (first.unit_key, first.role, first.job_name, first.config) == ("0", _role(routed.arm), "import_article", decider.digest)
    assert (first.reason, first.bytes) == (
        f"split: bucket {routed.bucket}",
        len(json.dumps(given[0]["payload"], ensure_ascii=False, separators=(",", ":")).encode()),
    )
    assert second.native_id == f"native-{key}"
    assert second.elapsed_ns is not None
    assert second.elapsed_ns > 0
    assert [line.seq for line in lines] == list(range(1, len(lines) + 1))


def _role(arm: str) -> str:
    return "current" if arm == "pg-boss" else "candidate"


def test_its_segments_feed_the_ledger(loaded: LoadedPolicy, tmp_path: Path) -> None:
    given: list[dict[str, Any]] = [{"payload": {"article": n}} for n in range(30)]
    given += [{"payload": {"article": 99}, "fails": True}, {"payload": {"article": 98}, "delay": 5}]
    said = json.loads(run(loaded, "send", given))
    assert said["sent"][30] == {"error": "the store said no"}
    with SqliteLedger.create(tmp_path / "x.ledger") as ledger:
        collector = Collector(FolderInlet(loaded.spool), ledger, lambda _: 1)
        assert len(collector.collect()) == 64
        assert collector.collect() == []
        assert ledger.missing_sequences() == {}
        jobs = [job for arm in loaded.arms for job in ledger.jobs(arm)]
    assert Counter(job.outcome for job in jobs) == {"in_flight": 31, "enqueue_failed": 1}
    (failed,) = (job for job in jobs if job.outcome == "enqueue_failed")
    assert (failed.unit_key, failed.enqueue_error) == ("99", "the store said no")
    assert sorted(int(job.unit_key) for job in jobs) == [*range(30), 98, 99]
    assert list(loaded.spool.iterdir()) == [], "what is in the ledger is not kept"


def test_of_a_long_error_as_much_is_kept_as_in_python(loaded: LoadedPolicy) -> None:
    run(loaded, "send", [{"payload": {"article": 1}, "fails": 5 * TEXT}])
    assert [line.err_message for line in lines_of(loaded) if line.kind == "enqueue_failed"] == ["x" * TEXT]


def test_jobs_that_the_experiment_is_not_about_and_units_that_are_missing(loaded: LoadedPolicy) -> None:
    said = json.loads(run(loaded, "send", [{"job": "other", "payload": {"article": 1}}, {"payload": {"title": "no unit"}}]))
    assert [job["arm"] for job in said["sent"]] == ["pg-boss", "pg-boss"]
    assert [(line.kind, line.reason) for line in lines_of(loaded) if line.kind == "assigned"] == [
        ("assigned", "failed: its payload has no article, which is the unit of [experiment]")
    ]


@pytest.mark.parametrize("mode", ["fallback", "mirror"])
def test_in_other_modes_the_current_arm_has_every_job(loaded: LoadedPolicy, mode: str) -> None:
    text = FILE.replace('unit = "article"', f'unit = "article"\nmode = "{mode}"')
    text += '[fallback]\nclaims = "CLAIMS"\n' if mode == "fallback" else ""
    loaded.file.write_text(text if mode == "fallback" else text.replace("weight = 1\n", ""))
    (loaded.file.parent / "shadow.ts").write_text(typescript(read_policy(loaded.file), dispatch=True))
    jobs = [{"payload": {"article": n}} for n in range(12)]
    said = json.loads(run(loaded, "send", jobs))
    assert {job["arm"] for job in said["sent"]} == {"pg-boss"}, "a candidate would have them with no way back, or twice"


def test_a_folder_that_cannot_be_written_to_costs_no_job(loaded: LoadedPolicy, tmp_path: Path) -> None:
    loaded.spool.parent.mkdir(parents=True)
    loaded.spool.write_text("a file where the folder should be")
    said = json.loads(run(loaded, "send", [{"payload": {"article": n}} for n in range(5)], ALARM=str(tmp_path / "alarms")))
    assert len(said["sent"]) == 5
    assert said["numbered"] == 10
    assert "recording goes on: events" in (tmp_path / "alarms").read_text()


def test_more_than_memory_holds_is_counted(loaded: LoadedPolicy, tmp_path: Path) -> None:
    small = typescript(loaded, dispatch=True).replace("const EVENTS = 10000;", "const EVENTS = 4;")
    (tmp_path / "shadow.ts").write_text(small)
    said = json.loads(run(loaded, "send", [{"payload": {"article": n}} for n in range(5)], ALARM=str(tmp_path / "alarms")))
    assert (len(said["sent"]), said["numbered"], said["lost"]) == (5, 10, 6)
    assert [line.seq for line in lines_of(loaded)] == [1, 2, 3, 4]


@pytest.mark.parametrize("through", ["redis", "postgres"])
def test_events_wait_on_disk_for_a_server_that_is_down(loaded: LoadedPolicy, stores: Servers, through: str) -> None:
    """Redis refuses, Postgres does not answer at all; both are back later."""
    run(loaded, "stream", None, THROUGH=through, REDIS_URL=stores.redis, DATABASE_URL=stores.postgres)
    inlet = RedisInlet(stores.redis, "imports", "X") if through == "redis" else PostgresInlet(stores.postgres, "imports", "X")
    inlet.resume("")
    batch = inlet.read()
    inlet.done(batch)
    assert batch.unreadable == ()
    assert sorted(line.seq for line in batch.lines) == list(range(1, 17))
    assert lines_of(loaded) == []


def test_what_is_switched_off_is_heard_of(loaded: LoadedPolicy) -> None:
    """A state that is broken in between changes nothing."""
    folder, decider = loaded.file.parent, Decider(loaded.policy, State())
    unit = next(n for n in range(100) if decider.decide("import_article", str(n)).arm == "bullmq")

    def wait_for(*expected: str) -> None:
        told, until = folder / "told", time.monotonic() + PATIENCE
        while not told.exists() or told.read_text().splitlines() != list(expected):
            assert time.monotonic() < until, told.exists() and told.read_text()
            time.sleep(0.05)

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run, loaded, "follow", unit)
        try:
            wait_for("bullmq split")
            change(loaded.file, kill(("bullmq",), ()), "test")
            wait_for("bullmq split", "pg-boss killed")
            replace(b"{broken", loaded.state_file)
            wait_for("bullmq split", "pg-boss killed", "warned")
            loaded.state_file.unlink()
            wait_for("bullmq split", "pg-boss killed", "warned", "bullmq split")
        finally:
            (folder / "enough").touch()
        running.result()


@pytest.mark.parametrize("kind", ["redis", "postgres"])
def test_claims_are_those_of_python(loaded: LoadedPolicy, stores: Servers, kind: str) -> None:
    python: Claims
    if kind == "redis":
        python = RedisClaims(stores.redis, name="X", timeout=20, keep=3600)
    else:
        python = PostgresClaims(stores.postgres, name="X", timeout=20, keep=3600)
    steps = [
        ("claim", "j1", "a:1"), ("claim", "j1", "a:1"), ("claim", "j1", "b:2"), ("done", "j1", "a:1"), ("claim", "j1", "a:1"),
        ("claim", "j2", "b:2"), ("done", "j2", "a:1" if kind == "postgres" else "b:2"),
    ]  # fmt: skip
    env = {"CLAIMS": kind, "REDIS_URL": stores.redis, "DATABASE_URL": stores.postgres}
    assert json.loads(run(loaded, "claims", steps, **env)) == [True, True, False, None, False, True, None]
    assert python.look(["j1"])["j1"].done
    assert not python.claim("j1", "b:2").lets("b:2")
    assert python.claim("j3", "b:7").lets("b:7")
    assert json.loads(run(loaded, "claims", [("claim", "j3", "a:1"), ("claim", "j3", "b:7")], **env)) == [False, True]
    python.close()


def test_real_workers_tell_of_each_attempt(loaded: LoadedPolicy, stores: Servers, tmp_path: Path) -> None:
    given = [{"key": f"plain-{n}", "payload": {"n": f"plain-{n}", "article": n, "ms": 60}} for n in range(8)]
    given += [{"key": f"twice-{n}", "payload": {"n": f"twice-{n}", "article": n, "fail": 1}} for n in range(8)]
    given += [{"key": f"poison-{n}", "payload": {"n": f"poison-{n}", "article": n, "poison": True}} for n in range(8)]
    env = {"REDIS_URL": stores.redis, "DATABASE_URL": stores.postgres, "EFFECTS": str(tmp_path / "effects")}
    run(loaded, "run", given, TWICE="yes", CLAIMS="redis", **env)
    effects = [json.loads(line) for line in (tmp_path / "effects").read_text().splitlines()]
    assert [e["n"] for e in effects].count("both") == 1, "one of the two had claimed it"
    lines = lines_of(loaded)
    told = Counter((line.kind, line.arm) for line in lines if line.job_key == "x-both")
    (winner,) = (arm for kind, arm in told if kind == "claim_won")
    (loser,) = (arm for kind, arm in told if kind == "claim_lost")
    assert {winner, loser} == {"pg-boss", "bullmq"}
    python = RedisClaims(stores.redis, name="X", timeout=20, keep=3600)
    assert python.look(["x-both"])["x-both"].done, "whatever the body did with the mark"
    python.close()
    assert told[("started", winner)] == told[("completed", winner)] == 1
    jobs: dict[str, list[Line]] = {}
    for line in lines:
        jobs.setdefault(line.job_key, []).append(line)
    id_ = identity.experiment_id("imports", "imports")
    arms = set()
    for sort, outcome, results in (
        ("plain", "completed", ["completed"]),
        ("twice", "completed", ["failed", "completed"]),
        ("poison", "discarded", ["failed"] * 3),
    ):
        for n in range(8):
            job = fold(jobs[f"{id_}-import_article-{sort}-{n}"])
            arms.add(job.arm)
            assert (job.outcome, [a.result for a in job.attempts], [a.number for a in job.attempts]) == (
                outcome,
                results,
                list(range(1, len(results) + 1)),
            )
            assert all(a.run_ns is not None and a.run_ns > (59_000_000 if sort == "plain" else 0) for a in job.attempts)
            assert job.wait_ns is not None
            assert job.wait_ns >= 0
            if sort == "poison":
                assert job.attempts[-1].err_message == f"job poison-{n} fails on attempt 3"
                assert job.attempts[-1].err_type == "RangeError"
    assert arms == {"pg-boss", "bullmq"}
