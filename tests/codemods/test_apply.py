"""Writing is all or nothing: whatever strikes at whatever step, the tree is the old one or the new one, to the byte and the mode."""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from migrator.codemods.apply import apply, recover
from migrator.codemods.files import FileChange
from migrator.errors import MigratorError
from tests.codemods.faults import Snapshot, run_with_fault, snapshot

CHANGES = (
    FileChange("a.py", b"one\n", b"1\n"),
    FileChange("bin/run", b"#!/bin/sh\n", b"#!/bin/bash\n", 0o755),
    FileChange("gone/old.py", b"old\n", None, 0o640),
    FileChange("new/deep/n.py", None, b"n\n"),
    FileChange("src/empty.py", b"", b"x = 1\n"),
    FileChange("src/n.py", None, b""),
)


def make(root: Path) -> Path:
    for change in CHANGES:
        if change.before is not None:
            (root / change.path).parent.mkdir(parents=True, exist_ok=True)
            (root / change.path).write_bytes(change.before)
            (root / change.path).chmod(change.mode)
    (root / "kept.txt").write_bytes(b"kept\n")
    return root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "app").mkdir()
    return make(tmp_path / "app")


@pytest.fixture(scope="module")
def old_and_new(tmp_path_factory: pytest.TempPathFactory) -> tuple[Snapshot, Snapshot]:
    root = make(tmp_path_factory.mktemp("reference"))
    old = snapshot(root)
    apply(root, CHANGES)
    return old, snapshot(root)


def test_all_is_written_and_nothing_else(root: Path) -> None:
    apply(root, CHANGES)
    found = {name: (content, mode) for name, (kind, content, mode) in snapshot(root).items() if kind == "file"}
    assert found == {
        "a.py": (b"1\n", 0o644),
        "bin/run": (b"#!/bin/bash\n", 0o755),
        "kept.txt": (b"kept\n", 0o644),
        "new/deep/n.py": (b"n\n", 0o644),
        "src/empty.py": (b"x = 1\n", 0o644),
        "src/n.py": (b"", 0o644),
    }
    assert not (root / ".migrator").exists()


def test_no_files_no_trace(root: Path) -> None:
    before = snapshot(root)
    apply(root, ())
    assert snapshot(root) == before


def test_new_files_follow_the_umask(root: Path) -> None:
    before = os.umask(0o027)
    try:
        apply(root, [FileChange("n.py", None, b"x"), FileChange("n.sh", None, b"x", 0o755)])
    finally:
        os.umask(before)
    assert [(root / name).stat().st_mode & 0o777 for name in ("n.py", "n.sh")] == [0o640, 0o750]


def test_other_contents_of_the_state_folder_are_kept(root: Path) -> None:
    (root / ".migrator").mkdir()
    (root / ".migrator/ledger").write_bytes(b"mine")
    apply(root, CHANGES)
    assert [path.name for path in (root / ".migrator").iterdir()] == ["ledger"]


def test_links_to_a_changed_file_still_point_to_it(root: Path) -> None:
    (root / "link.py").symlink_to("a.py")
    apply(root, CHANGES)
    assert (root / "link.py").is_symlink()
    assert (root / "link.py").read_bytes() == b"1\n"


# --- refusals -----------------------------------------------------------------------------------------------------------------------


def refused(root: Path, match: str) -> MigratorError:
    before = snapshot(root)
    with pytest.raises(MigratorError, match=match) as error:
        apply(root, CHANGES)
    assert snapshot(root) == before
    return error.value


def test_a_file_that_changed_since_it_was_read(root: Path) -> None:
    (root / "src/empty.py").write_bytes(b"someone typed\n")
    assert refused(root, "was changed since it was read").place == "src/empty.py"


def test_a_file_that_is_gone(root: Path) -> None:
    (root / "gone/old.py").unlink()
    assert refused(root, "is gone since it was read").place == "gone/old.py"


def test_a_new_file_that_someone_else_created(root: Path) -> None:
    (root / "src/n.py").write_bytes(b"theirs")
    assert refused(root, "was created since it was read").place == "src/n.py"


def test_a_read_only_file(root: Path) -> None:
    (root / "bin/run").chmod(0o555)
    assert refused(root, "is read-only").place == "bin/run"


def test_a_file_in_the_place_of_a_folder(root: Path) -> None:
    (root / "new").write_bytes(b"a file")
    assert refused(root, "a file where a folder is needed").place == "new"


def test_a_file_that_became_a_link_out_of_the_tree(root: Path) -> None:
    outside = root.parent / "outside.py"
    outside.write_bytes(b"one\n")
    (root / "a.py").unlink()
    (root / "a.py").symlink_to(outside)
    refused(root, "symbolic link")
    assert outside.read_bytes() == b"one\n"


def test_a_folder_that_became_a_link_inside_the_tree(root: Path) -> None:
    (root / "bin").rename(root / "tools")
    (root / "bin").symlink_to("tools")
    assert refused(root, "has become a symbolic link").place == "bin/run"


def test_another_run_that_is_writing(root: Path) -> None:
    handle = os.open(root, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    refused(root, "another run is writing")
    os.close(handle)
    apply(root, CHANGES)


@pytest.mark.parametrize("linked", [".migrator", ".migrator/codemod"])
def test_a_state_folder_that_is_a_link_is_left_alone(root: Path, linked: str) -> None:
    outside = root.parent / "outside"
    (outside / "codemod").mkdir(parents=True)
    (outside / "codemod/precious").write_bytes(b"x")
    (root / linked).parent.mkdir(exist_ok=True)
    (root / linked).symlink_to(outside)
    refused(root, "symbolic link")
    with pytest.raises(MigratorError, match="symbolic link"):
        recover(root)
    assert (outside / "codemod/precious").read_bytes() == b"x"


def test_a_folder_without_permission() -> None:
    # Outside pytest's own folder, which is closed to others: root takes the part of a user who has no right to write here.
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "app"
        root.mkdir()
        make(root)
        nobody = 65534 if os.geteuid() == 0 else os.geteuid()
        for path in (Path(folder), root, *root.rglob("*")):
            os.chown(path, nobody, -1)
        (root / "src").chmod(0o555)
        before = snapshot(root)

        def as_nobody() -> None:
            os.setuid(nobody)
            apply(root, CHANGES)

        assert os.WEXITSTATUS(run_with_fault(as_nobody, root, 0, kill)) == 1
        log = (root.parent / "fault.log").read_text()
        assert "MigratorError: src/empty.py: cannot be written: Permission denied" in log
        assert snapshot(root) == before


# --- faults at every step -----------------------------------------------------------------------------------------------------------


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def no_space() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def terminate() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def every_step(tmp_path: Path, fault: Callable[[], None]):
    """Yields (root, wait status) for a fault at step 1, 2, … until the write ends before the fault's turn."""
    for step in range(1, 400):
        root = tmp_path / str(step) / "app"
        root.mkdir(parents=True)
        make(root)
        status = run_with_fault(lambda root=root: apply(root, CHANGES), root, step, fault)
        if status == 0:
            assert step > 40, "the steps of a write are not seen"
            return
        yield root, status
    raise AssertionError("no end")


def test_killed_at_any_step_the_next_run_puts_it_right(tmp_path: Path, old_and_new: tuple[Snapshot, Snapshot]) -> None:
    seen: set[object] = set()
    for root, status in every_step(tmp_path, kill):
        assert os.WTERMSIG(status) == signal.SIGKILL
        left = snapshot(root)
        recovery = recover(root)
        assert snapshot(root) in old_and_new
        if left not in old_and_new and recovery:
            assert recovery.finished == (snapshot(root) == old_and_new[1])
        seen.add((recovery and recovery.finished, recovery and len(recovery.files)))
        assert recover(root) is None
    # Before the journal and after it; with none, some and all of the files in place.
    assert seen == {(None, None), *((False, n) for n in range(len(CHANGES))), (True, len(CHANGES))}


def test_an_error_at_any_step_leaves_the_old_tree(tmp_path: Path, old_and_new: tuple[Snapshot, Snapshot]) -> None:
    for root, status in every_step(tmp_path, no_space):
        log = (root.parent / "fault.log").read_text()
        if os.WEXITSTATUS(status) == 99:  # where hard links fail, a copy does
            assert snapshot(root) == old_and_new[1]
        else:
            assert "MigratorError" in log.splitlines()[-1] or "MigratorError" in log.splitlines()[-2], log
            written = snapshot(root) == old_and_new[1]
            assert snapshot(root) in old_and_new, log
            assert ("All files had been written" if written else "Nothing was changed") in log, log


@pytest.mark.parametrize(("fault", "expected"), [(interrupt, "Interrupted"), (terminate, "SystemExit: 143")])
def test_a_signal_at_any_step_leaves_one_of_the_two_trees(
    tmp_path: Path, old_and_new: tuple[Snapshot, Snapshot], fault: Callable[[], None], expected: str
) -> None:
    for root, status in every_step(tmp_path, fault):
        log = (root.parent / "fault.log").read_text()
        if os.WIFSIGNALED(status):  # before the write took the matter into its hands
            assert os.WTERMSIG(status) == signal.SIGTERM
            assert snapshot(root) == old_and_new[0]
            continue
        assert os.WEXITSTATUS(status) == 1
        assert expected in log.splitlines()[-1]
        assert snapshot(root) in old_and_new, log
        if fault is interrupt:
            assert ("Everything had been written." if snapshot(root) == old_and_new[1] else "Nothing was changed.") in log, log


def test_what_someone_types_meanwhile_is_kept(tmp_path: Path, old_and_new: tuple[Snapshot, Snapshot]) -> None:
    lost: list[int] = []

    def type_in() -> None:
        (root_now[0] / "src/empty.py").write_bytes(b"typed\n")

    root_now: list[Path] = []
    for step in range(1, 400):
        root = tmp_path / str(step) / "app"
        root.mkdir(parents=True)
        root_now[:] = [make(root)]
        status = run_with_fault(lambda root=root: apply(root, CHANGES), root, step, type_in)
        if status == 0:
            break
        found = snapshot(root)
        log = (root.parent / "fault.log").read_text()
        typed = found.pop("src/empty.py")[1] == b"typed\n"
        rest = [{name: entry for name, entry in tree.items() if name != "src/empty.py"} for tree in old_and_new]
        assert found in rest, log
        if not typed:
            lost.append(step)
    assert len(lost) == 1, "only between the last look at the file and its replacement, which are one step apart"


def test_a_disk_that_fails_for_good_is_recovered_from_later(tmp_path: Path, old_and_new: tuple[Snapshot, Snapshot]) -> None:
    struck = False

    def broken_from_now_on() -> None:
        def always(event: str, _arguments: tuple[object, ...]) -> None:
            if event in ("os.rename", "os.remove", "os.link", "os.mkdir", "os.rmdir"):
                no_space()

        sys.addaudithook(always)

    for root, status in every_step(tmp_path, broken_from_now_on):
        log = (root.parent / "fault.log").read_text()
        struck |= "could not be undone" in log
        assert os.WIFEXITED(status)
        recover(root)
        assert snapshot(root) in old_and_new, log
    assert struck


def half_written(root: Path) -> Path:
    """Kill a write between two renames."""
    renames = 0

    def between() -> None:
        def watch(event: str, _arguments: tuple[object, ...]) -> None:
            nonlocal renames
            renames += event == "os.rename"
            if event == "os.rename" and renames == 4:  # the journal's own, and two files
                kill()

        sys.addaudithook(watch)

    run_with_fault(lambda: apply(root, CHANGES), root, 1, between)
    assert (root / "a.py").read_bytes() == b"1\n"
    assert (root / "src/empty.py").read_bytes() == b""
    return root


def test_a_recovery_that_is_killed_is_recovered_from(tmp_path: Path, old_and_new: tuple[Snapshot, Snapshot]) -> None:
    for step in range(1, 400):
        root = tmp_path / str(step) / "app"
        root.mkdir(parents=True)
        half_written(make(root))
        status = run_with_fault(lambda root=root: recover(root) and None, root, step, kill)
        recover(root)
        assert snapshot(root) == old_and_new[0]
        if status == 0:
            assert step > 20
            return
    raise AssertionError("no end")


def test_a_file_that_was_changed_after_the_crash_is_not_overwritten(root: Path) -> None:
    half_written(root)
    (root / "bin/run").write_bytes(b"typed since\n")
    for action in (lambda: recover(root), lambda: recover(root)):
        with pytest.raises(MigratorError, match="changed since") as error:
            action()
        assert error.value.place == "bin/run"
    assert (root / "bin/run").read_bytes() == b"typed since\n"
    with pytest.raises(MigratorError, match="an earlier write was cut short"):
        apply(root, CHANGES)


@pytest.mark.parametrize("harm", ["lost", "changed", "a link"])
def test_a_backup_that_is_not_what_it_was_is_said(root: Path, harm: str) -> None:
    half_written(root)
    for backup in (root / ".migrator/codemod").iterdir():
        if backup.name == "journal.json":
            continue
        backup.unlink()
        if harm == "changed":
            backup.write_bytes(b"something else\n")
        if harm == "a link":
            (root.parent / "same.py").write_bytes(b"one\n")
            backup.symlink_to(root.parent / "same.py")
    with pytest.raises(MigratorError, match="old content of this file is not where it was put"):
        recover(root)


@pytest.mark.parametrize(
    "journal",
    [
        b"",
        b"{}",
        b"\xff",
        b'{"entries":[{"path":"../x","staged":"","backup":"","before":"","after":""}],"folders":[]}',
        b'{"entries":[{"path":"kept.txt","staged":"../../x","backup":"","before":"","after":""}],"folders":[]}',
        b'{"entries":[{"path":"kept.txt","staged":"a.py","backup":"","before":"","after":""}],"folders":[]}',
        b'{"entries":[{"path":"kept.txt","staged":"","backup":"../../../x","before":"","after":""}],"folders":[]}',
        b'{"entries":[],"folders":["../.."]}',
        b'{"entries":[],"folders":[],"version":2}',
    ],
)
def test_a_journal_that_we_did_not_write_moves_nothing(root: Path, journal: bytes) -> None:
    (root / ".migrator/codemod").mkdir(parents=True)
    (root / ".migrator/codemod/journal.json").write_bytes(journal)
    before = snapshot(root)
    with pytest.raises(MigratorError, match=r"not a journal|not part of the code"):
        recover(root)
    assert snapshot(root) == before


def test_a_recovery_waits_for_no_one(root: Path) -> None:
    half_written(root)
    handle = os.open(root, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with pytest.raises(MigratorError, match="another run is writing"):
        recover(root)
    os.close(handle)
    assert recover(root)


# --- real limits and real signals ---------------------------------------------------------------------------------------------------


def test_a_file_size_limit_in_the_middle_of_a_write(root: Path) -> None:
    before = snapshot(root)

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        apply(root, (*CHANGES, FileChange("src/z.py", None, b"x" * 1_000_000)))

    status = run_with_fault(limited, root, 0, kill)
    assert os.WEXITSTATUS(status) == 1
    assert "src/z.py: cannot be written: File too large" in (root.parent / "fault.log").read_text()
    assert snapshot(root) == before


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_real_signals_at_random_moments(tmp_path: Path, number: signal.Signals) -> None:
    root = tmp_path / "app"
    root.mkdir()
    files = 60
    for i in range(files):
        (root / f"{i}.py").write_bytes(b"old\n")
    # Writes one way and back again until it is struck down.
    program = """
        import sys
        from pathlib import Path
        from migrator.codemods.apply import apply
        from migrator.codemods.files import FileChange
        root, files = Path(sys.argv[1]), int(sys.argv[2])
        old, new = b"old\\n", b"new\\n"
        while True:
            apply(root, [FileChange(f"{i}.py", old, new) for i in range(files)])
            old, new = new, old
            print("round", flush=True)
    """
    for delay in (0.0, 0.003, 0.011, 0.017):
        state = {(root / f"{i}.py").read_bytes() for i in range(files)}
        if state == {b"new\n"}:
            for i in range(files):
                (root / f"{i}.py").write_bytes(b"old\n")
        child = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(program), str(root), str(files)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert child.stdout
        assert child.stdout.readline() == b"round\n"
        time.sleep(delay)
        child.send_signal(number)
        child.communicate(timeout=60)
        assert child.returncode != 0
        if number != signal.SIGKILL:
            assert not list(root.glob(".migrator*")), "a signal that can be caught leaves nothing to recover"
        recover(root)
        assert {(root / f"{i}.py").read_bytes() for i in range(files)} in ({b"old\n"}, {b"new\n"})
        assert len(list(root.iterdir())) == files
