"""Files are kept for as long as anything that was found in them is: a file that was only looked at goes."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

from migrator.scanners.files import walk
from migrator.scanners.linking import Place, Project


def project(root: Path) -> Project:
    (root / "a.ts").write_text("export const a = 1;\n")
    return Project(walk(root), ())


def test_a_file_that_was_only_looked_at_goes_and_counts_once(tmp_path: Path) -> None:
    looked_at = project(tmp_path)
    with looked_at.glance("a.ts") as source:
        looked_at.bindings("a.ts")
    gone = weakref.ref(source)
    del source
    gc.collect()
    assert gone() is None
    assert looked_at.source("a.ts").data == b"export const a = 1;\n"
    assert (looked_at.parsed, looked_at.bytes_read) == (1, 20)


def test_a_file_that_was_asked_for_before_stays(tmp_path: Path) -> None:
    asked = project(tmp_path)
    before = weakref.ref(asked.source("a.ts"))
    with asked.glance("a.ts"):
        pass
    gc.collect()
    assert before() is asked.source("a.ts")


def test_a_file_of_which_something_is_kept_is_never_there_twice(tmp_path: Path) -> None:
    looked_at = project(tmp_path)
    with looked_at.glance("a.ts") as source:
        place = Place(source, source.root)
    del source
    gc.collect()
    assert looked_at.source("a.ts") is place.source
