"""Setting a ledger aside: kept, under another name."""

from __future__ import annotations

import time
from pathlib import Path

from migrator.shadow.ledger.opening import take_lock


def set_aside(path: Path) -> Path | None:
    """Rename a ledger (with SQLite's companion files) by its age; returns the new name, None where there was no ledger."""
    if not path.exists():
        return None
    with take_lock(path):
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(path.stat().st_mtime))
        aside = path.with_name(f"{path.stem}.{stamp}{path.suffix}")
        number = 1
        while aside.exists():
            number += 1
            aside = path.with_name(f"{path.stem}.{stamp}-{number}{path.suffix}")
        for companion in ("-wal", "-shm", ""):
            found = path.with_name(path.name + companion)
            if found.exists():
                found.rename(aside.with_name(aside.name + companion))
    return aside
