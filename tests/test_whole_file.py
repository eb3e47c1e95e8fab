"""A file that is written whole: who may read it, and what is left when it could not be written."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from migrator import whole_file


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o027, 0o640), (0o077, 0o600)])
@pytest.mark.parametrize("before", [None, 0o600, 0o666], ids=["new", "narrow before", "wide before"])
def test_the_mode_follows_the_umask(tmp_path: Path, umask: int, mode: int, before: int | None) -> None:
    file = tmp_path / "state.json"
    if before is not None:
        file.touch()
        file.chmod(before)
    earlier = os.umask(umask)
    try:
        whole_file.replace(b"{}", file)
        assert os.umask(umask) == umask, "the umask is as it was"
    finally:
        os.umask(earlier)
    assert stat.S_IMODE(file.stat().st_mode) == mode


def test_what_cannot_be_written_leaves_what_was_there_and_nothing_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "state.json"
    file.write_text("before")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        whole_file.replace(b"after", file)
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("state.json", "before")]
