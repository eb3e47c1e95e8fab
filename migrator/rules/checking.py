"""Looking at an application with every rule: findings, and what became of each rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from migrator.jobs import Inventory
from migrator.jobs.findings import SEVERITIES, Check, Finding, Suppressed
from migrator.jobs.redaction import redact_text
from migrator.rules.evidence import Evidence
from migrator.rules.fingerprints import Identity, identified, identities
from migrator.rules.masking import masked
from migrator.rules.registry import Listed, listed
from migrator.rules.rule import Fail, Outcome, Pass, Rule, Undecided
from migrator.rules.selection import selected
from migrator.rules.suppression import ITSELF, PerFile, Suppressions
from migrator.rules.unread import in_doubt
from migrator.scanners.progress import Progress, counted, unwatched
from migrator.scanners.workspace import Workspace


class Checked(msgspec.Struct, frozen=True):
    """All that rules say, findings with the worst first. `read` are the files that were looked at."""

    findings: tuple[Finding, ...]  #: those that count
    suppressed: tuple[Suppressed, ...]
    checks: tuple[Check, ...]
    identities: Mapping[Finding, tuple[Identity, ...]]  #: by what each place of each finding is known again
    read: frozenset[str]


def check(
    inventory: Inventory,
    root: Path,
    *,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    preview: bool = False,
    per_file: PerFile | None = None,
    workspace: Workspace | None = None,
    progress: Progress = unwatched,
) -> Checked:
    """Look at the application below `root`, of which `inventory` is the audit, with the rules that are selected.

    `workspace`: the code as the audit read it.

    Raises:
        MigratorError: something is selected that means no rule; a pattern of `per_file` is none.
    """
    evidence = Evidence(inventory, root, workspace)
    findings: list[Finding] = []
    checks: list[Check] = []
    chosen = selected(select, ignore, preview=preview)
    for rule in counted(progress, "looking for defects", [r for r in chosen if r.id != ITSELF]):
        found, became = _look(rule, evidence)
        findings += found
        checks.append(became)
    evidence.suppressions = Suppressions(evidence, {rule.id: rule.name for rule in listed()}, per_file or PerFile())
    kept, suppressed = evidence.suppressions.apply(_sorted(findings), checks)
    # Only now can be told which comments do nothing.
    for rule in (r for r in chosen if r.id == ITSELF):
        found, became = _look(rule, evidence)
        kept += found
        checks.append(became)
    checks.sort(key=lambda check: check.id)
    kept = list(_sorted(kept))
    known = [identities(finding, evidence) for finding in (*kept, *(s.finding for s in suppressed))]
    told = identified((f, i[0]) for f, i in zip((*kept, *(s.finding for s in suppressed)), known, strict=True))
    accepted = tuple(msgspec.structs.replace(s, finding=f) for s, f in zip(suppressed, told[len(kept) :], strict=True))
    return Checked(told[: len(kept)], accepted, tuple(checks), dict(zip(told, known, strict=True)), frozenset(evidence.tree.sizes))


def _sorted(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(set(findings), key=lambda f: (SEVERITIES.index(f.severity), f.id, f.path, f.line, f.message)))


def _look(selected: Listed, evidence: Evidence) -> tuple[list[Finding], Check]:
    # Where there are no jobs, no rule is loaded.
    if not evidence.systems or ((rule := selected.rule).systems and not evidence.systems.intersection(rule.systems)):
        return [], Check(selected.id, selected.name, "not-applicable")
    try:
        outcomes = list(rule.check(evidence))
    except Exception as error:  # noqa: BLE001 - an audit is not lost to one rule that stumbles over code it has never seen
        why = redact_text(f"the rule itself failed ({type(error).__name__}: {error}); please report it")
        return [], Check(rule.id, rule.name, "unknown", why)
    outcomes = [masked(_doubted(rule, evidence, o) if isinstance(o, Fail) and rule.absence else o) for o in outcomes]
    fails = [o for o in outcomes if isinstance(o, Fail)]
    passes = tuple(o.spot for o in outcomes if isinstance(o, Pass))
    open_ends = [o for o in outcomes if isinstance(o, Undecided)]
    reason = "; ".join(dict.fromkeys(o.reason for o in open_ends))
    untold = tuple(dict.fromkeys(o.spot for o in open_ends if o.spot is not None))
    if fails:
        return [_finding(rule, f) for f in fails], Check(rule.id, rule.name, "fail", reason, tuple(f.spot for f in fails), untold)
    state = "unknown" if open_ends else "pass" if passes else "not-applicable"
    return [], Check(rule.id, rule.name, state, reason, passes, untold)


def _doubted(rule: Rule, evidence: Evidence, fail: Fail) -> Outcome:
    """A finding that something is nowhere holds only where everything that could say it was read."""
    part = in_doubt(evidence, fail.systems or rule.systems)
    return fail if part is None else Undecided(f"{part.path}, which may say it, was not read as a whole", part)


def _finding(rule: Rule, fail: Fail) -> Finding:
    return Finding(
        rule.id,
        rule.name,
        fail.severity or rule.severity,
        fail.confidence,
        fail.spot.path,
        fail.spot.line,
        fail.message,
        fail.fix or (rule.hints.get(*fail.systems, rule.hint) if len(fail.systems) == 1 else rule.hint),
        fail.systems,
        fail.others,
    )
