from __future__ import annotations

from pathlib import Path

import msgspec

from migrator.reporting.experiment import render
from migrator.shadow.ledger import ArmRecord, Event, SqliteLedger
from migrator.shadow.measuring.fallbacks import FallbackSummary, fallback_check, fallbacks
from migrator.shadow.routing import by_weight
from migrator.shadow.statistics import sample_ratio
from migrator.shadow.summarizing import summarize

START = 1_790_000_000_000_000_000
SECOND = 1_000_000_000
ROUTED = 80  #: jobs for each arm


def events() -> list[Event]:
    """Eighty jobs for each arm; of the new one's, thirty fall back, two find no arm, three have no label yet."""
    found: list[Event] = []

    def say(key: str, arm: str, kind: str, at: float, **more: object) -> None:
        fields = {
            "event_id": f"{arm}:{key}:{kind}", "experiment": "x", "config_epoch": 1, "job_key": key, "unit_key": key, "job_name": "send",
            "arm": arm, "role": "current" if arm == "old" else "candidate", "kind": kind, "ts_ns": START + int(at * SECOND),
            "clock": "host", "source": "dispatcher",
        }  # fmt: skip
        found.append(msgspec.convert({**fields, **more}, Event))

    def done(key: str, arm: str, at: float, **more: object) -> None:
        say(key, arm, "assigned", at, **more)
        say(key, arm, "enqueue_ok", at + 0.01, **more)
        for kind, after in (("started", 0.5), ("completed", 1.0)):
            say(key, arm, kind, at + after, source="store", native_id=f"{arm}-{key}", **more)

    for n in range(ROUTED):
        done(f"o{n}", "old", n)
        key = f"n{n}"
        if n < 30:
            say(key, "new", "assigned", n)
            say(key, "new", "enqueue_failed", n + 0.1)
            done(key, "old", n + 0.2, role="fallback", reason="fallback: new is down")
            say(key, "new", "fallback", n + 0.2, reason="fallback_removed" if n < 20 else "fallback_fenced")
        elif n < 32:
            say(key, "new", "assigned", n)
            say(key, "new", "enqueue_failed", n + 0.1)
            say(key, "new", "fallback", n + 0.2, reason="failed_both")
        else:
            done(key, "new", n)
            say(key, "new", "claim_won", n + 0.5, source="worker")
            if n < ROUTED - 3:
                say(key, "new", "fallback", n + 2, reason="primary")
    say("n33", "old", "claim_lost", 40, source="worker", role="fallback")
    return found


def written(path: Path, mode: str) -> SqliteLedger:
    split = by_weight([("old", 1), ("new", 1)])
    records = [
        ArmRecord(arm=arm, system="rq", role=role, ranges=split.ranges(arm), max_attempts=1, slots=2)
        for arm, role in (("old", "current"), ("new", "candidate"))
    ]
    with SqliteLedger.create(path) as ledger:
        ledger.begin_epoch("x", f'{{"experiment": {{"mode": "{mode}"}}}}', "h", records)
        ledger.record(events())
    return SqliteLedger.open(path)


def test_every_job_has_one_label(tmp_path: Path) -> None:
    with written(tmp_path / "x.ledger", "fallback") as ledger:
        (found,) = fallbacks(ledger, ledger.arms())
    assert found.labels == {"primary": 45, "fallback_removed": 20, "fallback_fenced": 10, "failed_both": 2}
    assert (found.assigned, found.unlabelled) == (ROUTED, 3)
    assert (found.claims_won, found.claims_lost) == (48, 0)


def test_what_falls_back_is_no_fault_of_the_split(tmp_path: Path) -> None:
    with written(tmp_path / "x.ledger", "fallback") as ledger:
        checks = {check.name: check for check in summarize(ledger).checks}
    assert checks["split"].finding == "as asked for: old 50 % and new 50 % of jobs (p = 1 watched, 1 at one look)"
    assert checks["attrition"].finding.startswith(
        "of the jobs that are old enough, not as many have ended everywhere: old 80 of 80 and new 48 of 80 (p = "
    )
    assert checks["attrition"].finding.endswith("what fell back did not end in its candidate")
    assert checks["fallback"].state == "warning"
    assert "30 jobs of new (37.5 %) fell back to the current arm, whose numbers leave them out" in checks["fallback"].finding


def test_what_the_current_arm_did_in_place_of_a_candidate_is_in_its_books_alone(tmp_path: Path) -> None:
    with written(tmp_path / "x.ledger", "fallback") as ledger:
        old, _ = summarize(ledger).arms
    assert old.assigned == ROUTED + 30
    assert (old.started, old.first_attempt_failure.trials, old.discarded.trials, old.durations["end_to_end"].n) == (ROUTED,) * 4


def test_the_split_is_of_units_that_went_by_the_shares(tmp_path: Path) -> None:
    """A hundred jobs of one tenant are one draw, and a job that its name sent here is none."""
    shape = {"event_id": "", "experiment": "x", "config_epoch": 1, "job_name": "send", "arm": "old", "role": "current", "kind": "assigned"}

    def assigned(key: str, **more: object) -> Event:
        fields = {"event_id": key, "job_key": key, "unit_key": key, "ts_ns": START, "clock": "host", "source": "dispatcher"}
        return msgspec.convert({**shape, **fields, **more}, Event)

    written(tmp_path / "x.ledger", "fallback").close()
    with SqliteLedger.create(tmp_path / "x.ledger") as ledger:
        ledger.record([assigned(f"t{n}", unit_key="acme", ts_ns=START + (150 - n)) for n in range(100)])
        ledger.record([assigned(f"x{n}", reason="excluded: mail") for n in range(100)])
        ledger.record([assigned("single", unit_key="")])
    with SqliteLedger.open(tmp_path / "x.ledger") as ledger:
        (check,) = [check for check in summarize(ledger).checks if check.name == "split"]
    assert check.state == "ok"
    # 80 and 80 that were routed one by one, the tenant and the single one.
    assert f"{sample_ratio.chi_square([ROUTED + 2, ROUTED], [1, 1]):.2g} at one look" in check.finding
    assert "100 jobs did not go by the shares" in check.finding


def test_they_are_in_the_report(tmp_path: Path) -> None:
    with written(tmp_path / "x.ledger", "fallback") as ledger:
        summary = summarize(ledger)
    page, text = render(summary, "html"), render(summary, "md")
    assert "Which way jobs went" in page
    assert "what a candidate did not take up, old did in its place." in page
    assert "fallback fenced<small>it may be in the candidate" in page
    assert "| fallback removed: it was never in the candidate, or taken back from there: only the current arm has it | 20 |" in text


def test_other_modes_have_none(tmp_path: Path) -> None:
    with written(tmp_path / "x.ledger", "split") as ledger:
        summary = summarize(ledger)
    assert summary.fallbacks == ()
    assert "fallback" not in {check.name for check in summary.checks}
    assert "Which way jobs went" not in render(summary, "html")


def test_what_is_said() -> None:
    blank = FallbackSummary(
        arm="new",
        assigned=100,
        labels={"primary": 100, "fallback_removed": 0, "fallback_fenced": 0, "failed_both": 0},
        unlabelled=0,
        claims_won=0,
        claims_lost=0,
    )
    assert fallback_check([blank]).state == "ok"
    lost = msgspec.structs.replace(blank, labels={**blank.labels, "failed_both": 1}, unlabelled=2)
    found = fallback_check([lost])
    assert found.state == "warning"
    assert found.finding == "1 job meant for new found no arm at all; the way of 2 jobs of new is not known yet"
