"""Where in its repository an audited folder stands: services that show findings beside code want paths from the top of the repository."""

from __future__ import annotations

import os
from pathlib import Path

from migrator.codemods.git import run, top


def prefix(root: Path) -> str:
    """What leads from the top of the repository to the folder `root`: empty, or ending in `/`; empty outside of git."""
    if not root.is_dir() or top(root) is None:
        return ""
    return os.fsdecode(run(root, "rev-parse", "--show-prefix").removesuffix(b"\n"))
