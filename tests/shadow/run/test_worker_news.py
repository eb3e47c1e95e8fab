"""What workers' hooks tell, beside what the store tells: jobs are waited for and counted once, and other runs' news stays out."""

from __future__ import annotations

from migrator.shadow.run.board import ArmBoard
from migrator.shadow.run.worker_news import OfLedger
from migrator.shadow.transport.interface import Batch, Ended
from migrator.shadow.transport.line import Line
from tests.shadow.ledger.test_attempts import worker
from tests.shadow.ledger.test_history import history


def board() -> ArmBoard:
    found = ArmBoard("a", answer_within=1.0)
    found.add("j1", job_name="n", unit_key="u", deadline=60.0)
    found.note("j1", "enqueue_ok", "n1")
    return found


def test_a_worker_s_end_ends_the_job_for_a_store_that_cannot_tell() -> None:
    arm = board()
    arm.told([worker("started", 1), worker("heartbeat", 2)])
    assert [state.job_key for state in arm.open_jobs()] == ["j1"]
    arm.told([worker("completed", 3)])
    assert arm.open_jobs() == []
    assert arm.counts["completed"] == 1


def test_an_end_that_both_tell_counts_once_whoever_is_first() -> None:
    first, second = board(), board()
    first.told([worker("completed", 3)])
    first.note("j1", "completed", "n1")
    second.note("j1", "completed", "n1")
    second.told([worker("started", 1), worker("completed", 3)])
    for arm in (first, second):
        assert (arm.open_jobs(), arm.counts["completed"]) == ([], 1)


def test_a_job_is_in_one_class_however_many_copies_end_and_however_often_it_is_told() -> None:
    arm, ended = board(), list[str]()
    arm.on_end = ended.append
    arm.note("j1", "completed", "n1")
    arm.note("j1", "completed", "n2")
    for kind in ("available", "started", "completed"):
        arm.note("j1", kind, "n1")
    assert (arm.counts["assigned"], arm.counts["completed"], arm.counts["in_flight"]) == (1, 1, 0)
    assert ended == ["j1"]


def test_a_lost_job_that_is_found_is_counted_as_what_became_of_it() -> None:
    arm = board()
    arm.note("j1", "presumed_lost", None)
    assert (arm.counts["presumed_lost"], arm.counts["completed"]) == (1, 0)
    arm.note("j1", "started", "n1")
    arm.note("j1", "completed", "n1")
    assert (arm.counts["presumed_lost"], arm.counts["completed"], arm.counts["in_flight"]) == (0, 1, 0)


def test_an_end_that_is_heard_before_its_job_is_known_counts_once() -> None:
    arm = ArmBoard("a", answer_within=1.0)
    arm.note("j1", "completed", "n1")
    arm.adopt(history(("assigned", 1), ("enqueue_ok", 2), ("started", 3), ("completed", 4)), deadline=60.0, elsewhere=True)
    assert (arm.counts["assigned"], arm.counts["completed"]) == (1, 1)


class Left:
    """An inlet with what two runs' workers left."""

    place = "here"

    def resume(self, cursor: str) -> None:
        pass

    def read(self, limit: int = 10_000) -> Batch:  # noqa: ARG002 - as the inlet has it
        lines = tuple(
            Line(
                experiment="x", job_key=key, unit_key="", job_name="n", arm="a", role="candidate", kind="started", ts_ns=1, source="worker",
                boot_id=boot, seq=1,
            )
            for key, boot in (("ours-1", "b1"), ("other-1", "b2"), ("oursx-1", "b3"))
        )  # fmt: skip
        return Batch(lines=lines, ended=tuple(Ended(boot_id=boot, numbered=1) for boot in ("b1", "b2", "b3")), token=7)

    def done(self, batch: Batch) -> None:
        assert batch.token == 7

    def close(self) -> None:
        pass


def test_what_another_run_left_is_neither_written_down_nor_missed() -> None:
    inlet = OfLedger(Left(), "ours")
    batch = inlet.read()
    assert [line.job_key for line in batch.lines] == ["ours-1"]
    assert [each.boot_id for each in batch.ended] == ["b1"]
    inlet.done(batch)
