"""Commits on a real repository: what each holds, that each parses, and that the last one is the whole change."""

from __future__ import annotations

import subprocess
from pathlib import Path

import msgspec
import pytest

from migrator.codemods.apply import apply
from migrator.codemods.changes import ChangeSet, Decision, Edit
from migrator.codemods.commits import Commit, plan_commits
from migrator.codemods.files import file_changes
from migrator.codemods.recording import publish, record
from migrator.codemods.syntax_check import check_syntax
from migrator.errors import MigratorError
from migrator.jobs import Location, Span
from tests.codemods.repositories import ENVIRONMENT, git, repository

TASKS = """from celery import shared_task


@shared_task
def a():
    pass


@shared_task
def b():
    a.delay()
"""
REQUIREMENTS = "celery\nflask\n"


@pytest.fixture(autouse=True)
def git_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return repository(
        tmp_path / "app",
        {"tasks.py": TASKS, "requirements.txt": REQUIREMENTS, "old.cfg": "x\n", "other.py": "from tasks import b\nb.delay()\n"},
    )


def spot(text: str, part: str, nth: int = 0) -> Span:
    start = -1
    for _ in range(nth + 1):
        start = text.index(part, start + 1)
    return Span(start, start + len(part))


def decided(name: str, kind: str, path: str, span: Span, group: str) -> Decision:
    where = Location(path, 1, 0, 1, span)
    return Decision(kind=kind, name=name, location=where, safety="safe", outcome="rewritten", summary=f"{name} is an actor.", group=group)


def move(root: Path, *, shared_as_replacement: bool = False) -> ChangeSet:
    other = (root / "other.py").read_text()
    imports = spot(TASKS, "from celery import shared_task\n")
    shared = (
        (Edit("tasks.py", imports, "import broker\n"),)
        if shared_as_replacement
        else (Edit("tasks.py", Span(0, 0), "import broker\n"), Edit("tasks.py", imports, ""))
    )
    return ChangeSet(
        source="celery",
        target="dramatiq",
        edits=(
            *shared,
            Edit("tasks.py", spot(TASKS, "@shared_task"), "@dramatiq.actor", "a"),
            Edit("tasks.py", spot(TASKS, "@shared_task", 1), "@dramatiq.actor", "b"),
            Edit("tasks.py", spot(TASKS, "a.delay"), "a.send"),  # its group is that of the decision around it
            Edit("other.py", spot(other, "b.delay"), "b.send"),
            Edit("requirements.txt", Span(0, 0), "dramatiq\n", "requirements.txt"),
            Edit("requirements.txt", spot(REQUIREMENTS, "celery\n"), ""),
        ),
        new_files={"broker.py": "import dramatiq, limits\n", "limits.py": "MOST = 9\n", "worker.py": "import broker, tasks\n"},
        removed_files=("old.cfg",),
        decisions=(
            decided("a", "definition", "tasks.py", Span(31, 70), "a"),
            decided("b", "definition", "tasks.py", Span(spot(TASKS, "@shared_task", 1).start, len(TASKS)), "b"),
            decided("a", "enqueue", "tasks.py", spot(TASKS, "a.delay()"), "a"),
            decided("b", "enqueue", "other.py", spot(other, "b.delay()"), "b"),
        ),
    )


def plan(root: Path, changes: ChangeSet, by: str = "job") -> tuple[Commit, ...]:
    return plan_commits(changes, file_changes(changes, root), root, by)


def contents(commit: Commit) -> dict[str, str | None]:
    return {file.path: None if file.after is None else file.after.decode() for file in commit.files}


def test_one_commit_for_all(root: Path) -> None:
    commit, *rest = plan(root, move(root), "all")
    assert not rest
    assert commit.message.startswith("Move background jobs from Celery to Dramatiq\n\n- tasks.py:1 a: a is an actor.\n")
    assert sorted(contents(commit)) == ["broker.py", "limits.py", "old.cfg", "other.py", "requirements.txt", "tasks.py", "worker.py"]


def test_one_commit_per_job_between_adding_and_taking_away(root: Path) -> None:
    commits = plan(root, move(root))
    assert [c.message.splitlines()[0] for c in commits] == [
        "Prepare the move from Celery to Dramatiq",
        "Move a from Celery to Dramatiq",
        "Move b from Celery to Dramatiq",
        "Finish the move from Celery to Dramatiq",
    ]
    first, a, b, last = map(contents, commits)
    assert first["requirements.txt"] == "dramatiq\ncelery\nflask\n"
    assert first["tasks.py"] == "import broker\n" + TASKS
    assert sorted(first) == ["broker.py", "limits.py", "requirements.txt", "tasks.py"], "and not the worker, which needs what moves"
    assert list(a) == ["tasks.py"]
    assert a["tasks.py"] == "import broker\n" + TASKS.replace("@shared_task", "@dramatiq.actor", 1).replace("a.delay", "a.send")
    assert b["other.py"] == "from tasks import b\nb.send()\n"
    assert last["requirements.txt"] == "dramatiq\nflask\n"
    assert last["old.cfg"] is None
    assert last["worker.py"] == "import broker, tasks\n"
    for commit in commits:
        check_syntax(commit.files)


def test_jobs_of_a_file_go_together_where_one_edit_serves_both(root: Path) -> None:
    commits = plan(root, move(root, shared_as_replacement=True))
    assert [c.message.splitlines()[0] for c in commits] == [
        "Prepare the move from Celery to Dramatiq",
        "Move a, b from Celery to Dramatiq",
        "Finish the move from Celery to Dramatiq",
    ]
    text = contents(commits[1])["tasks.py"] or ""
    assert "shared_task" not in text
    assert text.count("@dramatiq.actor") == 2


def test_a_step_that_does_not_parse_waits_for_the_next(root: Path) -> None:
    other = (root / "other.py").read_text()
    base = move(root)
    changes = msgspec.structs.replace(
        base,
        edits=(
            *(e for e in base.edits if e.path != "other.py"),
            Edit("other.py", spot(other, "b.delay()"), "(b.send", "a"),
            Edit("other.py", Span(len(other), len(other)), "())\n", "b"),
        ),
    )
    commits = plan(root, changes)
    assert [c.message.splitlines()[0] for c in commits][1] == "Move a from Celery to Dramatiq; Move b from Celery to Dramatiq"
    for commit in commits:
        check_syntax(commit.files)


def test_a_job_that_is_only_marked_is_not_said_to_move(root: Path) -> None:
    base = move(root)
    stays = msgspec.structs.replace(base.decisions[0], outcome="left", safety="manual", summary="Stays on Celery.")
    note = Edit("tasks.py", spot(TASKS, "@shared_task"), "# TODO\n@shared_task", "a")
    edits = (note, *(e for e in base.edits if e.group != "a"))
    commits = plan(root, msgspec.structs.replace(base, edits=edits, decisions=(stays, *base.decisions[1:2], base.decisions[3])))
    assert commits[1].message == "Mark what is left to do about a\n\nLeft to do:\n- tasks.py:1 a: Stays on Celery.\n"


def test_only_one_commit_has_the_message_of_all(root: Path) -> None:
    changes = ChangeSet(source="celery", target="dramatiq", new_files={"broker.py": "x = 1\n"})
    (commit,) = plan(root, changes)
    assert commit.message == "Move background jobs from Celery to Dramatiq\n"


def test_nothing_to_do_is_no_commit(root: Path) -> None:
    assert plan(root, ChangeSet(source="celery", target="dramatiq")) == ()


def commit_all(root: Path, changes: ChangeSet, by: str) -> None:
    files = file_changes(changes, root)
    recorded = record(root, plan_commits(changes, files, root, by))
    apply(root, files)
    publish(recorded)


@pytest.mark.parametrize("by", ["all", "job"])
def test_recorded_commits_are_the_tree_on_disk(root: Path, by: str) -> None:
    changes = move(root)
    (root / "run.sh").write_bytes(b"echo\n")
    (root / "run.sh").chmod(0o755)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "executable")
    changes = msgspec.structs.replace(changes, edits=(*changes.edits, Edit("run.sh", Span(0, 0), "#!/bin/sh\n")))
    commit_all(root, changes, by)
    assert git(root, "status", "--porcelain") == ""
    assert git(root, "fsck", "--strict") == ""
    assert (root / "tasks.py").read_text().startswith("import broker\n\n")
    assert not (root / "old.cfg").exists()
    assert git(root, "ls-files", "-s", "run.sh").startswith("100755")
    assert git(root, "rev-list", "--count", "HEAD").strip() == {"all": "3", "job": "6"}[by]
    assert git(root, "symbolic-ref", "HEAD").strip() == "refs/heads/main"


def test_a_subfolder_of_a_repository_and_what_is_staged_elsewhere(tmp_path: Path) -> None:
    folder = repository(tmp_path / "mono", {"app/a.py": "x = 1\n", "app/gone.py": "y\n", "else.txt": "old\n"})
    (folder / "else.txt").write_text("staged\n")
    git(folder, "add", "else.txt")
    changes = ChangeSet(
        source="a", target="b", edits=(Edit("a.py", Span(4, 5), "2"),), new_files={"n.py": "z = 1\n"}, removed_files=("gone.py",)
    )
    commit_all(folder / "app", changes, "all")
    assert git(folder, "show", "--name-status", "--format=", "HEAD").split() == ["M", "app/a.py", "D", "app/gone.py", "A", "app/n.py"]
    assert git(folder, "status", "--porcelain") == "M  else.txt\n"


def test_newlines_are_committed_as_git_is_told_to(tmp_path: Path) -> None:
    folder = repository(tmp_path / "win", {".gitattributes": "*.py text eol=crlf\n", "a.py": "x = 1\r\n"})
    commit_all(folder, ChangeSet(source="a", target="b", edits=(Edit("a.py", Span(0, 0), "y = 2\n"),)), "all")
    assert (folder / "a.py").read_bytes() == b"y = 2\r\nx = 1\r\n"
    assert git(folder, "status", "--porcelain") == ""
    assert subprocess.run(["git", "show", "HEAD:a.py"], cwd=folder, capture_output=True, check=True).stdout == b"y = 2\nx = 1\n"


def test_ignored_files_are_written_but_not_committed(root: Path) -> None:
    (root / ".gitignore").write_text("*.local\n")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "ignore")
    changes = ChangeSet(source="a", target="b", new_files={"conf.local": "x\n", "n.py": "y = 1\n"})
    files = file_changes(changes, root)
    recorded = record(root, plan_commits(changes, files, root, "all"))
    assert recorded.skipped == ("conf.local",)
    apply(root, files)
    publish(recorded)
    assert git(root, "show", "--name-only", "--format=", "HEAD").split() == ["n.py"]


def test_nothing_is_published_before_the_files_are_there(root: Path) -> None:
    before = git(root, "rev-parse", "HEAD")
    changes = move(root)
    record(root, plan_commits(changes, file_changes(changes, root), root, "job"))
    assert git(root, "rev-parse", "HEAD") == before
    assert git(root, "status", "--porcelain") == ""


def test_a_branch_that_moved_meanwhile_is_left_alone(root: Path) -> None:
    changes = move(root)
    recorded = record(root, plan_commits(changes, file_changes(changes, root), root, "all"))
    git(root, "commit", "-q", "--allow-empty", "-m", "someone else")
    moved = git(root, "rev-parse", "HEAD")
    with pytest.raises(MigratorError, match="written, but not committed"):
        publish(recorded)
    assert git(root, "rev-parse", "HEAD") == moved


def test_outside_git_and_without_a_commit(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    with pytest.raises(MigratorError, match="not under git"):
        record(tmp_path / "plain", (Commit("x", ()),))
    git(tmp_path / "plain", "init", "-q")
    with pytest.raises(MigratorError, match="no commit yet"):
        record(tmp_path / "plain", (Commit("x", ()),))
