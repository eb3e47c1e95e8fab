"""From an experiment file to a checked experiment. Whatever is wrong is said with its line; nothing is guessed or silently set right."""

from __future__ import annotations

import difflib
import hashlib
from pathlib import Path
from typing import Any

import msgspec

from migrator.shadow import drivers
from migrator.shadow.config.arms import listed, read_arms, read_table
from migrator.shadow.config.experiment import Arm, Experiment, Heading, Routing, Timeouts, Workload
from migrator.shadow.config.fallback import Fallback
from migrator.shadow.config.jobs import read_jobs
from migrator.shadow.config.ledger import LedgerTable
from migrator.shadow.config.mirror import Mirror
from migrator.shadow.config.modes import Tables, check_mode
from migrator.shadow.config.recording import Recording
from migrator.shadow.judging.criteria import Criteria
from migrator.shadow.policy.reading import policy_of
from migrator.shadow.routing import Split
from migrator.toml.reading import read_tables
from migrator.toml.source import Source

_TABLES: dict[str, type[msgspec.Struct]] = {
    "experiment": Heading,
    "workload": Workload,
    "criteria": Criteria,
    "routing": Routing,
    "timeouts": Timeouts,
    "ledger": LedgerTable,
    "fallback": Fallback,
    "mirror": Mirror,
    "recorder": Recording,
}
_REQUIRED = ("experiment", "job", "arms")


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """An experiment as read from a file. `options` holds each arm's driver options, decoded; `digest` changes with all but `[ledger]`."""

    experiment: Experiment
    split: Split
    options: dict[str, msgspec.Struct]
    file: Path
    text: str
    digest: str

    @property
    def folder(self) -> Path:
        """What relative paths in the file are relative to."""
        return self.file.parent

    def place(self, *path: str | int) -> str:
        """`file:line` of a key."""
        return Source(str(self.file), self.text).place(path)

    @property
    def ledger(self) -> Path:
        """The file that the ledger is kept in, unless `[ledger]` or the command line names another place."""
        return self.folder / ".migrator" / f"{self.experiment.experiment.name}.ledger"


def read_experiment(file: Path, *, seed: int | None = None) -> Loaded:
    """Read and check an experiment file. `seed` replaces the workload's own."""
    source, tables = read_tables(file, "experiment file")
    experiment = _decode(source, tables)
    check_mode(
        source,
        Tables(
            heading=experiment.experiment,
            arms=experiment.arms,
            jobs=experiment.jobs,
            workload=experiment.workload,
            fallback=experiment.fallback,
            mirror=experiment.mirror,
            routing=experiment.routing,
        ),
    )
    if (workload := experiment.workload) is not None:
        if seed is not None:
            workload = msgspec.structs.replace(workload, seed=seed)
            experiment = msgspec.structs.replace(experiment, workload=workload)
        _check_workload(source, experiment, workload, file.parent)
    _check_workers(source, experiment, file.parent)
    experiment.criteria.check(source.place(("criteria",)))
    # Also what only routing asks: a file that is right in half is not right.
    split = policy_of(source, experiment.experiment, experiment.arms, experiment.routing).split
    options = {name: _options(source, name, arm) for name, arm in experiment.arms.items()}
    # Where the record is kept, and how long, changes nothing about what is recorded.
    asked = msgspec.structs.replace(experiment, ledger=LedgerTable())
    digest = hashlib.sha256(msgspec.json.encode(asked)).hexdigest()[:16]
    return Loaded(experiment=experiment, split=split, options=options, file=file, text=source.text, digest=digest)


def _decode(source: Source, tables: dict[str, Any]) -> Experiment:
    known = [*_TABLES, "job", "arms"]
    for name in tables:
        if name not in known:
            close = difflib.get_close_matches(name, known, 1)
            raise source.error(
                (name,), f"unknown table [{name}]", f"Did you mean [{close[0]}]?" if close else f"Known: {', '.join(known)}."
            )
    for name in _REQUIRED:
        if not tables.get(name):
            raise source.error(
                (), f"there is no [{name}{'.NAME' if name == 'arms' else ''}] table", "An experiment needs " + listed(_REQUIRED) + "."
            )
    parts: dict[str, Any] = {name: read_table(source, (name,), tables[name], kind) for name, kind in _TABLES.items() if name in tables}
    arms = read_arms(source, tables, parts["experiment"].current)
    return Experiment(arms=arms, jobs=read_jobs(source, tables["job"], arms), **parts)


def _check_workload(source: Source, experiment: Experiment, workload: Workload, folder: Path) -> None:
    if len(experiment.jobs) > 1:
        raise source.error(
            ("workload",),
            f"a workload is of one job, and there are {len(experiment.jobs)} [[job]] tables",
            "Keep one of them; several jobs are for the application's own traffic, without [workload].",
        )
    if bool(workload.file) == (workload.count is not None):
        raise source.error(("workload",), "a workload is either a `file` or a `count` of jobs to make", "Give one of the two.")
    if workload.file:
        if workload.mix or workload.payload:
            raise source.error(
                ("workload", "mix" if workload.mix else "payload"), "payloads come from `file`; this would not be used", "Take it out."
            )
        if not (folder / workload.file).is_file():
            raise source.error(("workload", "file"), f"there is no file {workload.file}", "The path is relative to the experiment file.")
    for index, mix in enumerate(workload.mix):
        for key, value in mix.payload.items():
            if isinstance(value, dict) and {"low", "high"} & value.keys() and not _is_draw(value):
                raise source.error(
                    ("workload", "mix", index, "payload"),
                    f"`{key}` is to be drawn, but from what?",
                    "Write { low = 10, high = 20 }, whole numbers.",
                )


def _is_draw(value: dict[str, Any]) -> bool:
    low, high = value.get("low"), value.get("high")
    return len(value) == 2 and type(low) is int and type(high) is int and low <= high


def _check_workers(source: Source, experiment: Experiment, folder: Path) -> None:
    for name, arm in experiment.arms.items():
        if arm.worker and not (folder / arm.worker.cwd).is_dir():
            raise source.error(("arms", name, "worker", "cwd"), f"there is no folder {arm.worker.cwd}", "The path is relative to the file.")


def _options(source: Source, name: str, arm: Arm) -> msgspec.Struct:
    known = drivers.systems()
    if arm.system not in known:
        close = difflib.get_close_matches(arm.system, known, 1)
        hint = f"Did you mean `{close[0]}`?" if close else f"There are drivers for {listed(known)}."
        raise source.error(("arms", name, "system"), f"there is no driver for `{arm.system}`", hint)
    return read_table(source, ("arms", name, "options"), arm.options, drivers.options_of(arm.system))
