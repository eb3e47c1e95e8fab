"""An inventory with one finding of each fate, made by hand."""

from __future__ import annotations

from migrator.jobs import Inventory, Job, Location, Scope, Span
from migrator.jobs.findings import Check, Compared, Finding, Mended, Spot, Suppressed


def finding(rule: str = "JOB101", severity: str = "critical", path: str = "src/a b.ts", line: int = 3, **more: object) -> Finding:
    known = {"JOB101": "retries-not-configured", "JOB105": "swallowed-exception", "JOB703": "unsafe-deserialiser"}
    values = {"message": "Wrong: 50% of it.", "fix": "Mend it.", "systems": ("bullmq",), "fingerprint": f"{rule}{path}{line}"} | more
    return Finding(rule, known.get(rule, rule.lower()), severity, values.pop("confidence", "certain"), path, line, **values)  # type: ignore[arg-type]


def inventory(**more: object) -> Inventory:
    """Two findings that count, one of each kind that does not, one rule that cannot tell."""
    checks = (
        Check("JOB101", "retries-not-configured", "fail"),
        Check("JOB103", "no-dead-letter-path", "pass", evidence=(Spot("a.ts", 1, "listens"),)),
        Check("JOB105", "swallowed-exception", "fail"),
        Check("JOB109", "enqueue-in-open-transaction", "unknown", "it depends", untold=(Spot("a.ts", 7), Spot("b.ts", 8, "there"))),
        Check("JOB112", "timeout-exceeds-lease", "unknown", "the limit is only known at run time"),
        Check("JOB113", "sqs-no-partial-batch-response", "not-applicable"),
    )
    values: dict[str, object] = {
        "findings": (finding(others=(Spot("src/c.ts", 9, "again"),)), finding("JOB105", "medium", confidence="likely", line=20)),
        "suppressed": (
            Suppressed(finding("JOB105", "high", line=30), "comment", "counted elsewhere", "src/a b.ts", 29),
            Suppressed(finding("JOB105", "low", path="old/x.ts"), "settings", "per-file-ignores of old/", "migrate.toml"),
            Suppressed(finding("JOB101", path="known.ts"), "baseline", "known since b.json was written", "b.json"),
        ),
        "checks": checks,
        "below": 2,
        "scope": Scope(severity="low"),
        "baseline": Compared("b.json", 1, 2, (Mended("JOB105", "gone.ts", "", 1),)),
    } | more
    job = Job(location=Location("src/a b.ts", 3, 0, 3, Span(0, 1)), system="bullmq", language="typescript", name="mail")
    return Inventory("nowhere", (job,), **values)  # type: ignore[arg-type]
