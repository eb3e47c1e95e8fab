"""Small applications, written to a folder and read as a plan reads them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from migrator.planning.application import Application
from migrator.rules import check
from migrator.rules.evidence import Evidence
from migrator.scanners.scan import read


def evidence(root: Path, files: Mapping[str, str] | None = None) -> Evidence:
    """The application below `root`, its findings included; `files` are written there first."""
    for path, text in (files or {}).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    found, workspace = read(root)
    checked = check(found, root, workspace=workspace)
    # The folder's name and the time taken are no part of what is said.
    stats = msgspec.structs.replace(found.stats, seconds=0.0)
    return Evidence(
        msgspec.structs.replace(found, root="app", stats=stats, findings=checked.findings, checks=checked.checks), root, workspace
    )


def application(root: Path, files: Mapping[str, str] | None = None) -> Application:
    """The same, with what starts what."""
    return Application(evidence(root, files))
