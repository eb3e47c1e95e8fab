"""The commands of the end of a migration, from what was asked for to what is shown."""

from __future__ import annotations

import difflib
import subprocess
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec

from migrator.cli.audit_run import Wanted, run
from migrator.cli.planned import move_of
from migrator.cutover import attestations, lock
from migrator.cutover.evidence import Evidence
from migrator.cutover.gate import Result
from migrator.cutover.registry import gates
from migrator.cutover.verify import status, verify
from migrator.errors import Exit, MigratorError
from migrator.planning.application import Application
from migrator.reporting.gates import render
from migrator.reporting.output import write_whole
from migrator.rules import evidence as code
from migrator.rules.selection import ALL
from migrator.systems.known import known_system


def freeze_now(path: Path, source: str, target: str, plan: Path | None, file: Path | None, *, again: bool) -> str:
    """Write the lock; gives what to tell.

    Raises:
        MigratorError: a system is unknown, there is nothing to lock, a lock is there already, or the plan is not for this code.
    """
    move = move_of(plan, source, target)
    source, target = known_system(move.source), known_system(move.target)
    if source == target:
        raise MigratorError("is both where you come from and where you go", place=source, remedy="Give two systems.")
    where = file or path / lock.NAME
    if where.exists() and not again:
        remedy = "A migration has one beginning. With --again it is replaced, and jobs that have gone since are forgotten."
        raise MigratorError("is there already", place=str(where), remedy=remedy)
    application = _audit(path)
    move.check(application.inventory)
    found = lock.freeze(application, source, target, commit_of(path))
    write_whole(lock.written(found), where)
    loose = f"{found.unresolved} places could not be tied down: `migrate audit` lists them.\n" if found.unresolved else ""
    return f"{where}: {len(found.jobs)} jobs, {len(found.schedules)} schedules, {len(found.endpoints)} routes. Commit it.\n{loose}"


def attest_now(path: Path, file: Path | None, gate: str, by: str, note: str, job: str, becomes: str, day: date) -> str:
    """Add an attestation; gives what to tell.

    Raises:
        MigratorError: there is no such gate, or a machine answers it; nobody is named; nothing is said.
    """
    known = {g.id: g for g in gates()}
    asked = known.get(gate.upper())
    if asked is None:
        raise MigratorError("is no gate", place=gate, remedy=f"Gates: {', '.join(known)}.")
    if becomes and not job:
        raise MigratorError("needs --job", place="--becomes", remedy="Say which job of the lock has that name now.")
    if job and asked.id != "G01":
        raise MigratorError("is about the gate as a whole", place=asked.id, remedy="Only G01 is vouched for job by job.")
    if asked.answered_by == "machine" and not job:
        extra = " A job that was dropped or renamed is told with --job." if asked.id == "G01" else ""
        raise MigratorError("is answered by a check, not by a person", place=asked.id, remedy=f"{asked.how}{extra}")
    if not by.strip() or not note.strip():
        raise MigratorError("is empty", place="--by" if not by.strip() else "--note", remedy="Say who vouches, and what was seen.")
    if day > datetime.now().astimezone().date():
        raise MigratorError("has not come yet", place=f"--when {day}", remedy="Give the day on which it was seen.")
    began = path / lock.NAME
    if job and began.is_file():
        locked = [one.name for one in lock.read_lock(began).jobs]
        if job not in locked:
            close = difflib.get_close_matches(job, locked, 1)
            remedy = f"Did you mean {close[0]}?" if close else f"{began} lists them."
            raise MigratorError("is no job of the lock", place=f"--job {job}", remedy=remedy)
    where = file or path / attestations.NAME
    new = attestations.Attestation(asked.id, by.strip(), day, note.strip(), job, becomes)
    write_whole(attestations.added(attestations.read_attestations(where), new), where)
    return f"{where}: {asked.id} {asked.title}, by {new.by}. Commit it.\n"


def verify_now(
    path: Path,
    source: str,
    target: str,
    lock_file: Path | None,
    attested: Path | None,
    experiments: Sequence[Path],
    live: Sequence[str],
    form: str,
) -> tuple[str, Exit]:
    """Ask every gate; gives the report and the exit status.

    Raises:
        MigratorError: there is no lock, or a file is broken.
    """
    where = lock_file or path / lock.NAME
    began = lock.read_lock(where)
    for said, locked, option in ((source, began.source, "--from"), (target, began.target, "--to")):
        if said and known_system(said) != locked:
            raise MigratorError(f"is {said}, but {where} is about {locked}", place=option, remedy="Leave it out, or give another --lock.")
    for system in (began.source, began.target):
        known_system(system)
    reports = {str(file): _experiment(file) for file in experiments}
    if attested is not None and not attested.exists():
        # Without the option there may be none; who names one means it, and its answers would be missing.
        raise MigratorError("is not there", place=str(attested), remedy="Name the file that `migrate attest` wrote.")
    vouched = attestations.read_attestations(attested or path / attestations.NAME)
    results = verify(Evidence(_audit(path, live), began, vouched, reports))
    return render(began, results, form), status(results)


def gates_now(path: Path) -> tuple[Result, ...]:
    """The gates of the migration whose lock lies in the folder `path`.

    Raises:
        MigratorError: a file is broken.
    """
    vouched = attestations.read_attestations(path / attestations.NAME)
    return verify(Evidence(_audit(path), lock.read_lock(path / lock.NAME), vouched, {}))


def _audit(path: Path, live: Sequence[str] = ()) -> Application:
    """The audit with every rule and every finding: a gate may rest on a preview, and what a baseline or a threshold hides counts."""
    wanted = Wanted(include=(), system=(), select=[ALL], ignore=(), severity="info", confidence="possible", no_baseline=True, live=live)
    audited = run(path, wanted)
    return Application(code.Evidence(audited.inventory, path, audited.workspace))


def commit_of(path: Path) -> str:
    """The commit that is checked out; empty outside of git."""
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=path, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def _experiment(file: Path) -> dict[str, Any]:
    """A report of `migrate shadow report`.

    Raises:
        MigratorError: it is none.
    """
    remedy = "Give the .json that `migrate shadow report FILE` writes."
    try:
        report = msgspec.json.decode(file.read_bytes())
    except OSError as error:
        raise MigratorError(f"cannot be read: {error.strerror}", place=str(file), remedy=remedy) from None
    except msgspec.MsgspecError as error:
        raise MigratorError(f"is no report of an experiment: {error}", place=str(file), remedy=remedy) from None
    if not isinstance(report, dict) or report.get("schema") != "migrator.experiment/1":
        raise MigratorError("is no report of an experiment", place=str(file), remedy=remedy)
    return report
