"""Events to record, and what arrived of them."""

from __future__ import annotations

from pathlib import Path

from migrator.shadow.transport.folder import FolderInlet
from migrator.shadow.transport.interface import Batch
from migrator.shadow.transport.line import Line


def line(number: int | str, **more: object) -> Line:
    """An event about job `number`."""
    said: dict[str, object] = {
        "experiment": "x",
        "unit_key": "u",
        "job_name": "mail",
        "arm": "new",
        "role": "candidate",
        "kind": "assigned",
    }
    return Line(job_key=str(number), ts_ns=1, source="dispatcher", **{**said, **more})  # pyright: ignore


def everything(folder: Path) -> Batch:
    """All that lies in a spool folder."""
    return FolderInlet(folder).read(10**9)


def keys(folder: Path) -> list[str]:
    """The jobs that arrived, each process's in the order of recording."""
    return [found.job_key for found in everything(folder).lines]
