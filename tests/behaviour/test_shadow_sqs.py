"""The SQS driver against moto's server over HTTP, with a Lambda's handler in a process of its own."""

from __future__ import annotations

import json
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from migrator.errors import MigratorError
from migrator.shadow.drivers.interface import Assignment, EnqueueRefused, StoreDown
from tests.behaviour.shadow_stage import LEDGER, Watcher, effects, marked, own
from tests.behaviour.sqs_stage import REGION, Service, service, worker

pytestmark = pytest.mark.behaviour
QUICK = {"poll": 0.05, "hide": 1, "settle": 0.3}


@pytest.fixture(scope="module")
def sqs() -> Generator[Service]:
    with service() as running:
        yield running


def watcher(url: str, *, options: dict[str, Any] | None = None, **target: Any) -> Watcher:
    name = url.rsplit("/", 1)[-1]
    settings = {"reports": f"{name.removesuffix('.fifo')}-reports", **QUICK, **(options or {})}
    return Watcher("sqs", url, options=settings, queue=name, **target)


class Stage:
    def __init__(self, sqs: Service, url: str, folder: Path) -> None:
        self.sqs, self.url, self.folder = sqs, url, folder
        self.watcher = watcher(url).begin()
        self.natives = self.watcher.tell_the_usual_story(delay=0.6)
        sqs.client.send_message(QueueUrl=url, MessageBody=json.dumps(marked("double")))
        self.watcher.wait_for_ends(*self.natives)
        self.watcher.wait_for_ends("double", count=2)

    def effects(self, key: str) -> list[int]:
        return [attempt for n, attempt in effects(self.folder / "effects") if n == key]


@pytest.fixture(scope="module")
def stage(sqs: Service, tmp_path_factory: pytest.TempPathFactory) -> Generator[Stage]:
    folder, url = tmp_path_factory.mktemp("sqs"), sqs.queue("tasks")
    with worker(url, sqs.reports(url), folder):
        stage = Stage(sqs, url, folder)
        yield stage
        stage.watcher.driver.unwatch()
        stage.watcher.close()


def test_a_message_that_is_handled_at_once(stage: Stage) -> None:
    native = stage.natives["plain"]
    seen = stage.watcher.of("plain")
    assert [s.kind for s in seen] == ["available", "started", "completed"]
    assert {s.native_id for s in seen} == {native}
    assert seen[2].ts_ns - seen[1].ts_ns >= 59_000_000
    assert seen[0].ts_ns < seen[1].ts_ns
    record = stage.watcher.driver.inspect(own("plain"), native)
    assert (record.standing, record.ended_ns) == ("completed", seen[2].ts_ns)
    assert stage.watcher.driver.inspect(own("plain"), None).standing == "completed", "also by its key alone"
    assert stage.effects("plain") == [1]


def test_every_receipt_that_failed_is_seen_with_its_own_error(stage: Stage) -> None:
    seen = stage.watcher.of("twice")
    assert [s.kind for s in seen] == ["available", "started", "attempt_failed", "started", "attempt_failed", "started", "completed"]
    assert [(s.err_type, s.err_message) for s in seen if s.kind == "attempt_failed"] == [
        ("IndexError", "job twice fails on attempt 1"),
        ("IndexError", "job twice fails on attempt 2"),
    ]
    assert seen[3].ts_ns - seen[2].ts_ns > 800_000_000, "it comes again when it is visible again"
    assert stage.effects("twice") == [1, 2, 3]


def test_a_message_that_fails_for_good_is_found_among_the_dead_letters(stage: Stage) -> None:
    native = stage.natives["poison"]
    assert stage.watcher.kinds("poison").count("started") == 3
    last = stage.watcher.of("poison")[-1]
    assert (last.kind, last.err_message, last.dated) == ("discarded", "job poison fails on attempt 3", False)
    record = stage.watcher.driver.inspect(own("poison"), native)
    assert (record.standing, record.ended_ns) == ("discarded", None), "SQS does not say when"
    assert stage.watcher.driver.counts()["dead"] >= 0
    time.sleep(1.2)
    stage.watcher.look()
    assert stage.watcher.kinds("poison").count("discarded") == 1, "it is still there, and no news"


def test_a_delayed_message_starts_when_it_is_due(stage: Stage) -> None:
    seen = stage.watcher.of("later")
    assert [s.kind for s in seen] == ["delayed", "started", "completed"]
    assert seen[0].until_ns is not None
    assert seen[0].until_ns - seen[0].ts_ns == 1_000_000_000, "SQS takes whole seconds: never too early"
    # moto cuts moments off to the millisecond.
    assert seen[1].ts_ns >= seen[0].until_ns - 2_000_000


def test_a_process_that_only_observes_knows_when_a_job_was_sent_and_due(stage: Stage) -> None:
    sender = watcher(stage.url)
    native = sender.send("elsewhere", delay=1)
    sender.close()
    stage.watcher.driver.expect(own("elsewhere"), native)
    stage.watcher.wait_for_ends("elsewhere")
    seen = stage.watcher.of("elsewhere")
    assert [s.kind for s in seen] == ["delayed", "started", "completed"]
    assert seen[0].until_ns == seen[0].ts_ns + 1_000_000_000


def test_what_sqs_does_not_take_is_refused(stage: Stage) -> None:
    with pytest.raises(EnqueueRefused, match="901 for parameter DelaySeconds"):
        stage.watcher.send("long", delay=900.5)
    with pytest.raises(EnqueueRefused, match="must be shorter than 1048576 bytes"):
        stage.watcher.send("large", text="x" * 1024**2)
    stage.watcher.look()
    assert stage.watcher.kinds("long") == stage.watcher.kinds("large") == []


def test_sending_a_key_twice_is_one_job(stage: Stage) -> None:
    assert stage.watcher.send("once") == stage.watcher.send("once")
    stage.watcher.wait_for_ends("once")
    stage.watcher.send("after-once")
    stage.watcher.wait_for_ends("after-once")
    assert stage.watcher.kinds("once") == ["available", "started", "completed"]
    assert stage.effects("once") == [1]


def test_a_copy_under_another_id_is_seen_as_the_same_job(stage: Stage) -> None:
    assert len({s.native_id for s in stage.watcher.of("double")}) == 2
    assert stage.effects("double") == [1, 1]


def test_other_messages_are_left_out(stage: Stage) -> None:
    before = len(stage.watcher.sightings)
    stage.sqs.client.send_message(QueueUrl=stage.url, MessageBody=json.dumps({"n": "foreign"}))
    other = {**marked("other"), "__shadow": {"ledger": "0ther000", "key": "0ther000-1"}}
    stage.sqs.client.send_message(QueueUrl=stage.url, MessageBody=json.dumps(other))
    until = time.monotonic() + 60
    while not (stage.effects("foreign") and stage.effects("other")) and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(0.2)
    stage.watcher.look()
    assert len(stage.watcher.sightings) == before
    assert stage.watcher.gaps == []


def test_many_at_once_lose_nothing(stage: Stage) -> None:
    keys = [f"many-{i}" for i in range(60)]
    for key in keys:
        stage.watcher.send(key, ms=1)
    stage.watcher.wait_for_ends(*keys)
    assert {tuple(stage.watcher.kinds(key)) for key in keys} == {("available", "started", "completed")}
    assert len({s.id for s in stage.watcher.sightings}) == len(stage.watcher.sightings)


def test_what_was_read_and_not_acknowledged_comes_again(sqs: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a kill."""
    monkeypatch.setattr("migrator.shadow.drivers.sqs.HIDDEN", 1)
    url = sqs.queue("killed")
    first = watcher(url).begin()
    with worker(url, sqs.reports(url), tmp_path):
        first.send("again", ms=1)
        until = time.monotonic() + 60
        seen: list[Any] = []
        while "completed" not in [s.kind for s in seen]:
            assert time.monotonic() < until
            seen += first.driver.observe(first.cursor).sightings
    second = watcher(url)
    assert second.driver.watch(first.cursor) == first.cursor
    second.cursor = first.cursor
    second.wait_for_ends("again")
    assert [s.id for s in second.of("again")] == [s.id for s in sorted({s.id: s for s in seen}.values(), key=lambda s: s.id)]
    assert second.driver.inspect(own("again"), None).standing == "completed"
    first.close()
    second.close()
    third = watcher(url).begin()
    time.sleep(1.2)
    third.look()
    assert third.sightings == [], "what is acknowledged is gone"
    third.close()


def test_what_was_read_before_a_question_failed_is_not_lost(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(_: object) -> None:
        raise StoreDown("in the middle of a look")

    stage.watcher.send("half", ms=1)
    until = time.monotonic() + 60
    while not stage.effects("half") and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(0.2)
    with monkeypatch.context() as patch:
        patch.setattr("migrator.shadow.aws.queue.Queue.counts", down)
        with pytest.raises(StoreDown):
            stage.watcher.look()
        stage.watcher.driver.acknowledge(stage.watcher.cursor)
    stage.watcher.wait_for_ends("half")
    assert stage.watcher.kinds("half") == ["available", "started", "completed"]


def test_a_consumer_that_dies_with_a_message(sqs: Service, tmp_path: Path) -> None:
    url = sqs.queue("deadly")
    watched = watcher(url).begin()
    with worker(url, sqs.reports(url), tmp_path) as running:
        watched.send("dies", die=True, ms=300)
        watched.wait(lambda: running.ended() is not None, "the death of the consumer")
    assert watched.driver.inspect(own("dies"), None).standing in ("active", "unknown")
    with worker(url, sqs.reports(url), tmp_path, IMMORTAL="1"):
        watched.wait_for_ends("dies")
    assert watched.kinds("dies") == ["available", "started", "stalled", "started", "completed"]
    watched.close()


def test_a_message_that_vanishes_is_gone_once_the_queue_is_empty_for_long(sqs: Service, tmp_path: Path) -> None:
    url = sqs.queue("purged")
    watched = watcher(url).begin()
    with worker(url, sqs.reports(url), tmp_path):
        watched.send("fine")
        watched.wait_for_ends("fine")
    native = watched.send("vanishes")
    watched.look()
    assert watched.driver.inspect(own("vanishes"), native).standing == "unknown", "it may be there, and be anywhere in its life"
    sqs.client.purge_queue(QueueUrl=url)
    assert watched.driver.inspect(own("vanishes"), native).standing == "unknown", "the count may be old"
    watched.wait(lambda: watched.driver.inspect(own("vanishes"), native).standing == "absent", "an empty queue for a while")
    assert watched.driver.inspect(own("never sent"), None).standing == "unknown", "SQS cannot be asked for a key"
    watched.close()


def test_without_reports_nobody_is_lost_for_want_of_a_word(sqs: Service) -> None:
    url = sqs.queue("mute")
    watched = watcher(url, options={"reports": ""}).begin()
    native = watched.send("silent")
    (message,) = sqs.client.receive_message(QueueUrl=url)["Messages"]
    sqs.client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    until = time.monotonic() + 1
    while time.monotonic() < until:
        watched.look()
        assert watched.driver.inspect(own("silent"), native).standing == "unknown"
    assert watched.kinds("silent") == ["available"]
    watched.close()
    with pytest.raises(MigratorError, match=r"SQS does not say what became of a message\n.*reports"):
        watcher(url, options={"reports": None}).begin()


def test_a_mark_in_an_attribute_leaves_the_body_as_the_application_writes_it(sqs: Service) -> None:
    url = sqs.queue("attributes")
    watched = watcher(url, options={"mark": "attribute", "job_attribute": "Job"}).begin()
    watched.send("marked", deep={"a": [1, None, "ü"]})
    (message,) = sqs.client.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
    assert json.loads(message["Body"]) == {"n": "marked", "deep": {"a": [1, None, "ü"]}}
    attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    mark = json.loads(attributes["__shadow"])
    assert (mark["ledger"], mark["key"], attributes["Job"]) == (LEDGER, own("marked"), "task")
    assert abs(mark["sent_ns"] - time.time_ns()) < 60 * 10**9
    assert "due_ns" not in mark
    for _ in range(3):
        time.sleep(1.1)
        sqs.client.receive_message(QueueUrl=url)
    watched.wait_for_ends("marked")
    assert watched.kinds("marked") == ["available", "discarded"], "known among the dead letters by its attribute"
    watched.close()


def test_fifo_queues_want_a_group_and_take_no_delay(sqs: Service, tmp_path: Path) -> None:
    url = sqs.queue("ordered.fifo", visibility=2)
    with pytest.raises(MigratorError, match="nothing says what its messages are grouped by"):
        watcher(url)
    watched = watcher(url, options={"group": "unit"}).begin()
    with pytest.raises(EnqueueRefused, match="the payload has no `unit`"):
        watched.send("groupless")
    with pytest.raises(EnqueueRefused, match="DelaySeconds"):
        watched.send("delayed", unit="7", delay=5)
    with worker(url, sqs.reports(url), tmp_path):
        for number in range(5):
            watched.send(f"o{number}", unit="7")
        again = watcher(url, options={"group": "unit"})
        again.send("o4", unit="7")  # as after a kill: within five minutes it is the same message
        again.close()
        watched.wait_for_ends(*(f"o{number}" for number in range(5)))
    assert [n for n, _ in effects(tmp_path / "effects")] == [f"o{number}" for number in range(5)]
    watched.close()


def test_a_queue_that_is_not_set_as_the_experiment_says(sqs: Service) -> None:
    url, loose = sqs.queue("five", receives=5), sqs.queue("loose", receives=None)
    with pytest.raises(MigratorError, match=r"max_attempts = 3, and a message of `five` that fails is given up after 5\n.*maxReceiveCount"):
        watcher(url).begin()
    with pytest.raises(MigratorError, match="there is no redrive policy"):
        watcher(loose).begin()
    watcher(loose, max_attempts=None).begin()
    with pytest.raises(MigratorError, match="there is no such queue"):
        watcher(url, options={"reports": "nowhere"}, max_attempts=5).begin()
    with pytest.raises(MigratorError, match=r"there is no such queue.*\n.*one region"):
        watcher(f"{sqs.url}/123456789012/nowhere").driver.health()
    policy = sqs.client.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])["Attributes"]
    sqs.client.set_queue_attributes(
        QueueUrl=f"{url}-dead", Attributes={"RedrivePolicy": policy["RedrivePolicy"].replace("five-dead", "loose")}
    )
    with pytest.raises(MigratorError, match=r"has a redrive policy itself.*\n.*leave"):
        watcher(url, max_attempts=5).begin()
    watcher(url, options={"dead_letters": "leave"}, max_attempts=5).begin()


def test_addresses_and_settings_that_are_none(sqs: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    sqs.queue("tasks")
    with pytest.raises(MigratorError, match="STORE_URL: this is not an SQS address"):
        Watcher("sqs", "redis://127.0.0.1/0")
    with pytest.raises(MigratorError, match=r"names the queue `tasks`, and the arm `other`\n.*queue = \"tasks\""):
        Watcher("sqs", f"{sqs.url}/123456789012/tasks", queue="other")
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    with pytest.raises(MigratorError, match="nothing says in which AWS region"):
        Watcher("sqs", sqs.url)
    monkeypatch.setenv("AWS_REGION", REGION)
    assert Watcher("sqs", sqs.url).driver.health().server == "AWS SQS"
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(MigratorError, match=r"there are no AWS credentials\n.*AWS_PROFILE"):
        Watcher("sqs", sqs.url).driver.health()


def test_a_queue_found_by_its_name(sqs: Service) -> None:
    sqs.queue("named")
    watched = Watcher("sqs", sqs.url, queue="named", options={"reports": "", **QUICK}).begin()
    watched.send("x")
    assert watched.driver.counts() == {"waiting": 1, "received": 0, "delayed": 0, "dead": 0}
    watched.close()


def test_health_says_how_well_the_clock_is_known(sqs: Service) -> None:
    url = sqs.queue("clock")
    health = watcher(url).driver.health()
    assert health.clock.offset_ns == 0, "it is this machine's own"
    assert 0 < health.clock.rtt_ns < 60_000_000_000, "a Date header has whole seconds"


def test_a_service_that_goes_and_comes_back(sqs: Service, tmp_path: Path) -> None:
    url = sqs.queue("outage")
    watched = watcher(url, timeout=20.0).begin()
    sqs.stop()
    try:
        for call in (
            watched.driver.health,
            watched.driver.counts,
            lambda: watched.driver.observe(watched.cursor),
            lambda: watched.send("x"),
        ):
            with pytest.raises(StoreDown):
                call()
        with pytest.raises(StoreDown):
            watched.driver.inspect(own("x"), "n")
        with pytest.raises(StoreDown):
            watcher(url, timeout=20.0).begin()
    finally:
        sqs.start()
    with worker(url, sqs.reports(url), tmp_path):
        watched.driver.enqueue(Assignment(job_key=own("x"), payload=marked("x")))
        watched.wait_for_ends("x")
    watched.close()
