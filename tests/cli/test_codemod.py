"""`migrate codemod` as a user runs it."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from migrator.cli import main
from tests.cli import toy_migrate
from tests.codemods.faults import Snapshot, run_with_fault, snapshot
from tests.codemods.repositories import ENVIRONMENT, git, repository

SAFE = {"app.py": "import x\n\n\ndef f():\n    legacy(a)\n", "web/b.ts": "legacy(c);\r\n"}
MIXED = {**SAFE, "more.py": "legacy(hard)\nlegacy(odd)\n"}
PAIR = ("--from", "legacy", "--to", "modern")


@pytest.fixture(autouse=True)
def stage(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import migrator.cli.codemod_run
    from migrator.codemods import WRITERS

    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setitem(WRITERS, ("legacy", "modern"), "tests.codemods.toy:rewrite")
    monkeypatch.setattr(migrator.cli.codemod_run, "scan", toy_migrate.scan)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def migrate(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Callable[..., tuple[int, str, str]]:
    """Run the command line in this process: (exit status, standard output, standard error)."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["migrate", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfdbinary.readouterr()
        return int(ended.value.code or 0), out.decode(), err.decode()

    return run


def tree(root: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text.encode())
    return root


# --- what it shows and what it exits with -------------------------------------------------------------------------------------------


def test_by_default_it_shows_a_diff_and_touches_nothing(migrate, tmp_path: Path) -> None:
    root = tree(tmp_path / "app", SAFE)
    before = snapshot(root)
    status, out, err = migrate("codemod", str(root), *PAIR)
    assert status == 0
    assert snapshot(root) == before
    assert out.startswith("diff --git a/app.py b/app.py\n")
    assert "-legacy(c);\r\n+modern(c);\r\n" in out
    assert "2 of 2 places rewritten, nothing left." in err
    assert "Nothing was written. Run again with --write to apply." in err


def test_the_shown_diff_applies_and_gives_what_write_gives(migrate, tmp_path: Path) -> None:
    one, other = tree(tmp_path / "one", MIXED), tree(tmp_path / "other", MIXED)
    _, out, _ = migrate("codemod", str(one), *PAIR)
    subprocess.run(["git", "apply"], input=out.encode(), cwd=one, check=True, env={**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path)})
    migrate("codemod", str(other), *PAIR, "--write")
    assert snapshot(one) == snapshot(other)


def test_a_second_run_has_nothing_to_do(migrate, tmp_path: Path) -> None:
    root = tree(tmp_path / "app", SAFE)
    assert migrate("codemod", str(root), *PAIR, "--write")[0] == 0
    after = snapshot(root)
    status, out, err = migrate("codemod", str(root), *PAIR, "--write", "--diff")
    assert (status, out) == (0, "")
    assert "No file changes." in err
    assert snapshot(root) == after


def test_work_that_is_left_is_exit_status_1(migrate, tmp_path: Path) -> None:
    root = tree(tmp_path / "app", MIXED)
    status, out, err = migrate("codemod", str(root), *PAIR, "--write")
    assert (status, out) == (1, "")
    assert "more.py:1  hard  call" in err
    assert "MIG001" in err
    assert (root / "more.py").read_text() == "legacy(hard)\nlegacy(odd)\n"
    assert (root / "app.py").read_text().endswith("modern(a)\n")


def test_unsafe_rewrites_are_made_when_asked_for(migrate, tmp_path: Path) -> None:
    root = tree(tmp_path / "app", {"more.py": "legacy(odd)\n"})
    status, _, err = migrate("codemod", str(root), *PAIR)
    assert status == 1
    assert "--unsafe would rewrite 1 more" in err
    status, _, err = migrate("codemod", str(root), *PAIR, "--unsafe", "--write")
    assert status == 0
    assert "Rewritten, to be looked at (1)" in err
    assert (root / "more.py").read_text() == "modern(odd)\n"


def test_an_empty_folder_is_nothing_to_do(migrate, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    status, out, err = migrate("codemod", "empty", *PAIR, "--write")
    assert (status, out) == (0, "")
    assert "Nothing of legacy was found." in err


@pytest.mark.parametrize(
    ("options", "shown"),
    [((), True), (("--no-diff",), False), (("--write",), False), (("--write", "--diff"), True), (("--patch", "p"), False)],
)
def test_when_the_diff_is_shown(migrate, tmp_path: Path, options: tuple[str, ...], shown: bool) -> None:
    tree(tmp_path / "app", SAFE)
    _, out, _ = migrate("codemod", "app", *PAIR, *options)
    assert bool(out) == shown


def test_json_alone_on_standard_output(migrate, tmp_path: Path) -> None:
    tree(tmp_path / "app", MIXED)
    status, out, err = migrate("codemod", "app", *PAIR, "--format", "json")
    found = json.loads(out)
    assert status == 1
    assert found["schema"] == "migrator.changes/1"
    assert found["root"] == "app"
    assert (found["written"], found["diff"], found["totals"]["open"]) == (False, None, 2)
    assert "Left for a person" in err
    _, out, _ = migrate("codemod", "app", *PAIR, "--format", "json", "--write", "--diff")
    found = json.loads(out)
    assert found["written"] is True
    assert found["diff"].startswith("diff --git")


def test_markdown(migrate, tmp_path: Path) -> None:
    tree(tmp_path / "app", MIXED)
    _, out, _ = migrate("codemod", "app", *PAIR, "--format", "markdown")
    assert out.startswith("# Background jobs: legacy to modern\n")
    assert "- [ ] `more.py:1` `hard` (call)" in out


def test_patch_file(migrate, tmp_path: Path) -> None:
    root = tree(tmp_path / "app", SAFE)
    migrate("codemod", "app", *PAIR, "--patch", "move.patch")
    subprocess.run(["git", "apply", "../move.patch"], cwd=root, check=True, env={**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path)})
    assert (root / "web/b.ts").read_bytes() == b"modern(c);\r\n"


def test_what_the_writer_forgot_is_left_by_name(migrate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.codemods import toy

    real = toy.rewrite
    monkeypatch.setattr(
        toy, "rewrite", lambda inventory, root, *, unsafe: real(type(inventory)(root="", items=inventory.items[1:]), root, unsafe=unsafe)
    )
    tree(tmp_path / "app", SAFE)
    status, _, err = migrate("codemod", "app", *PAIR)
    assert status == 1
    assert "app.py:5  a  call" in err
    assert "has no rule for this form" in err


# --- bad input: a clear message and status 2 ----------------------------------------------------------------------------------------


def refused(migrate, root: Path, *arguments: str) -> str:
    before = snapshot(root)
    status, out, err = migrate("codemod", *arguments)
    assert (status, out) == (2, "")
    assert "Traceback" not in err
    assert snapshot(root) == before
    return err


def test_an_unknown_pair_lists_those_that_exist(migrate, tmp_path: Path) -> None:
    root = tree(tmp_path / "app", SAFE)
    assert re.search(
        r"no rewrite from 'modern' to 'legacy'\n  Possible pairs: .*legacy to modern",
        refused(migrate, root, "app", "--from", "modern", "--to", "legacy"),
    )


def test_a_path_that_is_not_a_folder(migrate, tmp_path: Path) -> None:
    tree(tmp_path, SAFE)
    assert "nowhere: does not exist" in refused(migrate, tmp_path, "nowhere", *PAIR)
    assert "app.py: is not a folder" in refused(migrate, tmp_path, "app.py", *PAIR)


@pytest.mark.parametrize(
    "missing", [("app",), ("app", "--from", "legacy"), ("app", "--to", "modern"), PAIR, ("app", *PAIR, "--format", "yaml")]
)
def test_missing_and_wrong_arguments(migrate, tmp_path: Path, missing: tuple[str, ...]) -> None:
    refused(migrate, tree(tmp_path, SAFE), *missing)


def test_commit_by_needs_write_and_git_and_a_clean_tree(migrate, tmp_path: Path) -> None:
    root = tree(tmp_path / "app", SAFE)
    assert "--write" in refused(migrate, root, "app", *PAIR, "--commit-by", "all")
    assert "not under git" in refused(migrate, root, "app", *PAIR, "--write", "--commit-by", "all")
    assert "your own changes" in refused(migrate, root, "app", *PAIR, "--write", "--commit-by", "all", "--allow-dirty")


def test_a_patch_that_cannot_be_written(migrate, tmp_path: Path) -> None:
    root = tree(tmp_path / "app", SAFE)
    assert "no/where.patch: cannot be written" in refused(migrate, root, "app", *PAIR, "--write", "--patch", "no/where.patch")


def test_a_patch_is_not_written_over_the_code(migrate, tmp_path: Path) -> None:
    root = tree(tmp_path / "app", SAFE)
    assert "one of the files to be rewritten" in refused(migrate, root, "app", *PAIR, "--patch", "app/app.py")


def test_a_read_only_file(migrate, tmp_path: Path) -> None:
    root = tree(tmp_path / "app", SAFE)
    (root / "web/b.ts").chmod(0o444)
    assert "web/b.ts: is read-only" in refused(migrate, root, "app", *PAIR, "--write")


# --- git ----------------------------------------------------------------------------------------------------------------------------


def test_a_dirty_tree_is_refused_unless_allowed(migrate, tmp_path: Path) -> None:
    root = repository(tmp_path / "app", SAFE)
    (root / "note.txt").write_text("mine\n")
    assert "note.txt" in refused(migrate, root, "app", *PAIR, "--write")
    assert migrate("codemod", "app", *PAIR)[0] == 0, "looking is always allowed"
    assert migrate("codemod", "app", *PAIR, "--write", "--allow-dirty")[0] == 0
    assert (root / "app.py").read_text().endswith("modern(a)\n")
    assert (root / "note.txt").read_text() == "mine\n"


def test_a_clean_tree_shows_only_the_rewrite_afterwards(migrate, tmp_path: Path) -> None:
    root = repository(tmp_path / "app", MIXED)
    migrate("codemod", "app", *PAIR, "--write")
    assert git(root, "status", "--porcelain").split() == ["M", "app.py", "M", "web/b.ts"]


@pytest.mark.parametrize(
    ("by", "subjects"),
    [("all", ["Move background jobs from legacy to modern"]), ("job", ["Move c from legacy to modern", "Move a from legacy to modern"])],
)
def test_commits(migrate, tmp_path: Path, by: str, subjects: list[str]) -> None:
    root = repository(tmp_path / "app", MIXED)
    status, _, err = migrate("codemod", "app", *PAIR, "--write", "--commit-by", by)
    assert status == 1
    assert git(root, "log", "--format=%s").splitlines() == [*subjects, "as it was"]
    assert git(root, "status", "--porcelain") == ""
    assert f"Committed, up to {git(root, 'rev-parse', 'HEAD')[:10]}." in err
    assert migrate("codemod", "app", *PAIR, "--write", "--commit-by", by)[0] == 1, "nothing more to commit"


# --- interruption -------------------------------------------------------------------------------------------------------------------


def invoke(root: Path) -> Callable[[], None]:
    def action() -> None:
        sys.argv = ["migrate", "codemod", str(root), *PAIR, "--write"]
        main()

    return action


def strike_while_writing(root: Path, number: signal.Signals, renames: int) -> int:
    """Run `--write` in a process of its own, with a signal before its rename number `renames`."""
    seen = 0

    def arm() -> None:
        def watch(event: str, _arguments: tuple[object, ...]) -> None:
            nonlocal seen
            seen += event == "os.rename"
            if event == "os.rename" and seen == renames:
                os.kill(os.getpid(), number)

        sys.addaudithook(watch)

    return run_with_fault(invoke(root), root, 1, arm)


def test_after_a_kill_the_next_run_recovers_and_says_so(migrate, tmp_path: Path) -> None:
    root = tree(tmp_path / "app", SAFE)
    before = snapshot(root)
    assert os.WTERMSIG(strike_while_writing(root, signal.SIGKILL, 3)) == signal.SIGKILL
    assert snapshot(root) != before
    status, out, err = migrate("codemod", "app", *PAIR)
    assert status == 0
    assert "An earlier --write was cut short. It has been undone: app.py." in err
    assert snapshot(root) == before
    assert out.count("diff --git") == 2, "the diff is that of the old tree"
    assert "cut short" not in migrate("codemod", "app", *PAIR)[2]


def test_ctrl_c_in_the_middle_of_a_write(tmp_path: Path) -> None:
    root = tree(tmp_path / "app", SAFE)
    before: Snapshot = snapshot(root)
    status = strike_while_writing(root, signal.SIGINT, 3)
    log = (root.parent / "fault.log").read_text()
    assert "Interrupted. Nothing was changed." in log
    assert "SystemExit: 130" in log
    assert os.WEXITSTATUS(status) == 1, "that is what the test's process makes of SystemExit"
    assert snapshot(root) == before


@pytest.mark.parametrize(("write", "said"), [((), "Nothing was changed."), (("--write",), "Everything had been written.")])
def test_ctrl_c_while_the_report_is_printed(
    migrate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: tuple[str, ...], said: str
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("migrator.cli.codemod_run.print_report", stop)
    tree(tmp_path / "app", SAFE)
    status, _, err = migrate("codemod", "app", *PAIR, *write)
    assert (status, err) == (130, f"Interrupted. {said}\n")


def test_a_repository_is_clean_again_after_a_kill(migrate, tmp_path: Path) -> None:
    root = repository(tmp_path / "app", SAFE)
    strike_while_writing(root, signal.SIGKILL, 3)
    assert git(root, "status", "--porcelain")
    status, _, err = migrate("codemod", "app", *PAIR, "--write")
    assert status == 0, err
    assert git(root, "status", "--porcelain").split() == ["M", "app.py", "M", "web/b.ts"]


# --- real processes, real terminals -------------------------------------------------------------------------------------------------


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "tests.cli.toy_migrate", "codemod", *arguments]


def here(**more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    return {**kept, "TERM": "xterm-256color", "PYTHONPATH": f"{Path(__file__).parents[2]}:{os.environ.get('PYTHONPATH', '')}", **more}


def on_a_terminal(arguments: list[str], environment: dict[str, str], columns: int) -> str:
    """What a terminal of this width shows, escape codes included."""
    master, slave = pty.openpty()
    import fcntl
    import struct
    import termios

    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    child = subprocess.Popen(arguments, stdin=slave, stdout=slave, stderr=slave, env=environment, close_fds=True)
    os.close(slave)
    shown = b""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if select.select([master], [], [], 0.2)[0]:
            try:
                piece = os.read(master, 65536)
            except OSError:
                break
            if not piece:
                break
            shown += piece
    child.wait(timeout=120)
    os.close(master)
    return shown.decode()


@pytest.mark.parametrize("columns", [80, 120])
def test_on_a_terminal_it_is_coloured_and_fits(tmp_path: Path, columns: int) -> None:
    root = tree(tmp_path / "app", MIXED)
    shown = on_a_terminal(command(str(root), *PAIR), here(), columns)
    assert "\x1b[32m+    modern(a)\x1b[0m" in shown
    report = re.sub(r"\x1b\[[0-9;]*m", "", shown).split("places rewritten")[1]
    assert max(map(len, report.splitlines())) <= columns


def test_no_color_on_a_terminal(tmp_path: Path) -> None:
    root = tree(tmp_path / "app", MIXED)
    shown = on_a_terminal(command(str(root), *PAIR), here(NO_COLOR="1"), 80)
    assert "+    modern(a)" in shown
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", shown)


def test_a_reader_that_closes_early_still_lets_the_report_through(tmp_path: Path) -> None:
    root = tree(tmp_path / "app", {**MIXED, **{f"m{i}.py": "legacy(a)\n" * 200 for i in range(40)}})
    done = subprocess.run(
        ["bash", "-c", 'set -o pipefail; "$@" | head -1; echo "status ${PIPESTATUS[0]}"', "bash", *command(str(root), *PAIR)],
        env=here(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines() == ["diff --git a/app.py b/app.py", "status 1"]
    assert "Traceback" not in done.stderr
    assert "Broken" not in done.stderr
    assert "Left for a person" in done.stderr


def test_help_has_examples(migrate) -> None:
    status, out, _ = migrate("codemod", "--help")
    assert status == 0
    for wanted in (
        "--from",
        "--to",
        "--write",
        "--unsafe",
        "--allow-dirty",
        "--patch",
        "--commit-by",
        "migrate codemod . --from celery --to dramatiq",
    ):
        assert wanted in out
