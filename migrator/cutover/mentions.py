"""Names in files that are not code: lockfiles of any size, documents, settings of platforms."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from migrator.cutover.evidence import Evidence
from migrator.systems import System

LOCKFILES = frozenset(
    (
        *("package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "deno.lock"),
        *("poetry.lock", "uv.lock", "pdm.lock", "Pipfile.lock", "pylock.toml"),
    )
)


def files(evidence: Evidence, names: frozenset[str]) -> list[str]:
    """Files of the tree with one of these names; lockfiles are often too big for the audit, and are found all the same."""
    everything = {*evidence.tree.sizes, *(path for paths in evidence.tree.skipped.values() for path in paths)}
    return sorted(path for path in everything if PurePosixPath(path).name in names and (evidence.root / path).is_file())


def packages(system: System) -> re.Pattern[str]:
    """Matches a package of a system as manifests, lockfiles and requirements write it.

    >>> from migrator.systems import SYSTEMS
    >>> rq = packages(SYSTEMS["rq"])
    >>> [bool(rq.search(text)) for text in ('name = "rq"', "rq==2.0", "rq-scheduler==1", '"arq"', "django_rq>=3")]
    [True, True, True, False, True]
    """
    names = sorted({*system.npm, *system.pypi})
    spelt = "|".join(re.sub(r"\\-|_", "[-_.]", re.escape(name)) for name in names)
    return re.compile(rf"(?:^|[\"'\s/])({spelt})(?=[\"'@=\s:;,\[<>~!]|$)", re.MULTILINE | re.IGNORECASE)


def lines(evidence: Evidence, paths: Iterable[str], pattern: re.Pattern[str]) -> Iterator[str]:
    """`path:line: text` for the first line of each file that the pattern matches, and how many more there are."""
    for path in paths:
        text = (evidence.root / path).read_text("utf-8", "replace")
        found = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if pattern.search(line)]
        if found:
            more = f" (and {len(found) - 1} more lines)" if len(found) > 1 else ""
            yield f"{path}:{found[0][0]}: {found[0][1][:120]}{more}"
