"""The baseline of an audit: read before the work, so that a broken one is told at once, and written after it."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from migrator.errors import MigratorError
from migrator.jobs.findings import Compared, Finding, Suppressed
from migrator.reporting.output import write_whole
from migrator.rules.baseline import Baseline, compare, read, record
from migrator.rules.checking import Checked


class BaselineUse(msgspec.Struct, frozen=True):
    """What is to be done with the baseline in `file`. `there` is what it says; None if it is to be written from what is found."""

    file: Path
    there: Baseline | None
    prune: bool

    def apply(self, checked: Checked, root: Path) -> tuple[tuple[Finding, ...], tuple[Suppressed, ...], Compared]:
        """The findings that still count, those that the baseline knows, and what became of it; the file is written where that is wanted.

        Raises:
            MigratorError: it cannot be written.
        """
        counted = {finding: checked.identities[finding] for finding in checked.findings}
        baseline = self.there or record(counted)
        said = compare(baseline, counted, checked.checks, name=self.file.as_posix(), root=root, files=checked.read)
        told = said.told
        if self.there is None:
            write_whole(baseline.text().encode(), self.file)
            _say(f"{_count(told.known, 'finding')} written to {self.file}")
        elif self.prune and told.mended:
            write_whole(said.pruned.text().encode(), self.file)
            _say(f"{_count(sum(m.number for m in told.mended), 'mended place')} taken out of {self.file}")
            told = Compared(told.path, told.known, told.new)
        elif self.prune:
            _say(f"nothing in {self.file} is mended; it stays as it is")
        return said.new, said.known, told


def baseline_use(root: Path, *, asked: Path | None, without: bool, write: Path | None, prune: bool, default: str) -> BaselineUse | None:
    """What is to be done, from the options and from what the settings of the folder `root` have (`default`); None: nothing.

    Raises:
        MigratorError: the options contradict each other, or the baseline cannot be read.
    """
    if write is not None:
        if asked is not None or prune:
            other = "--baseline" if asked is not None else "--prune-baseline"
            raise MigratorError(f"{other} asks for the opposite", place="--write-baseline", remedy="Give one of the two.")
        return BaselineUse(write, None, prune=False)
    if without:
        if asked is not None or prune:
            other = "--baseline" if asked is not None else "--prune-baseline"
            raise MigratorError(f"{other} asks for the opposite", place="--no-baseline", remedy="Give one of the two.")
        return None
    file = asked if asked is not None else root / default if default else None
    if file is not None:
        return BaselineUse(file, read(file), prune)
    if prune:
        raise MigratorError("there is no baseline to prune", place="--prune-baseline", remedy="Name it: --baseline FILE.")
    return None


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _say(text: str) -> None:
    print(f"migrate: {text}", file=sys.stderr)  # noqa: T201
