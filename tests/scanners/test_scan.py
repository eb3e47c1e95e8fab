"""The pipeline on odd trees: every file is read, reported or passed over with a reason, and nothing ends in a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from migrator.errors import MigratorError
from migrator.jobs import Enqueue, Job, Worker
from migrator.jobs.contract import audit_report
from migrator.scanners import scan

QUEUE = 'import { Queue } from "bullmq";\nexport const mails = new Queue("mail");\nmails.add("welcome", {});\n'


def test_an_empty_folder_has_no_jobs(tmp_path: Path) -> None:
    inventory = scan(tmp_path)
    assert inventory.items == ()
    assert inventory.stats.files_seen == 0


@pytest.mark.parametrize(("name", "words"), [("nowhere", "does not exist"), ("file.ts", "is not a folder")])
def test_a_path_that_is_no_folder(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "file.ts").write_text("")
    with pytest.raises(MigratorError, match=words) as caught:
        scan(tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)


def test_a_file_with_errors_is_reported_and_what_can_be_read_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.ts").write_text(QUEUE + "\nfunction ( { ] broken\n")
    inventory = scan(tmp_path)
    assert [i.name for i in inventory.of(Enqueue)] == ["welcome"]
    assert [(u.path, u.reason[:17]) for u in inventory.unresolved] == [("a.ts", "parsed with gaps:")]
    assert inventory.stats.files_failed == 1


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "video.ts").write_bytes(b"\x47\x40\x00bullmq\x00\xff\xfe" * 1000)
    inventory = scan(tmp_path)
    assert inventory.items == ()
    assert [u.path for u in inventory.unresolved] == ["video.ts"]


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.ts").write_text(QUEUE)
    root = tmp_path / "app"
    root.mkdir()
    (root / "loop").symlink_to(root, target_is_directory=True)
    (root / "away").symlink_to(outside, target_is_directory=True)
    (root / "file.ts").symlink_to(outside / "secret.ts")
    inventory = scan(root)
    assert inventory.items == ()
    assert inventory.stats.files_skipped == {"link": 3}


def test_a_huge_file_is_passed_over_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "big.ts").write_text(QUEUE + "// " + "x" * 2_100_000)
    (tmp_path / "bundle.js").write_text("// " + "x" * 2_100_000)
    inventory = scan(tmp_path)
    assert inventory.items == ()
    assert inventory.stats.files_skipped == {"over 2 MB": 2}
    assert [(u.path, u.reason) for u in inventory.unresolved] == [("big.ts", "not read: over 2 MB")]


def test_deep_nesting_does_not_end_in_a_crash(tmp_path: Path) -> None:
    (tmp_path / "deep.ts").write_text(QUEUE + "const x = " + "[" * 20_000 + "]" * 20_000 + ";\n")
    (tmp_path / "deep.py").write_text("import celery\nx = " + "(" * 20_000 + ")" * 20_000 + "\n")
    (tmp_path / "chain.ts").write_text('import { Queue } from "bullmq";\nnew Queue("m")' + ".on('x')" * 5_000 + ";\n")
    inventory = scan(tmp_path)
    refused = {u.path for u in inventory.unresolved if u.reason.startswith("nested more than")}
    assert refused == {"chain.ts", "deep.py", "deep.ts"}


@pytest.mark.parametrize(
    "data",
    [QUEUE.encode("utf-8-sig"), QUEUE.replace("\n", "\r\n").encode(), QUEUE.encode("utf-16")],
    ids=["byte order mark", "CRLF", "UTF-16"],
)
def test_every_text_form_is_read(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.ts").write_bytes(data)
    assert [(i.name, i.location.line) for i in scan(tmp_path).of(Enqueue)] == [("welcome", 3)]


def test_ignored_and_foreign_folders_are_left_out(tmp_path: Path) -> None:
    for folder in ("node_modules/x", "generated", "src"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "a.ts").write_text(QUEUE)
    (tmp_path / ".gitignore").write_text("generated/\n")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    assert [i.location.path for i in scan(tmp_path).of(Enqueue)] == ["src/a.ts"]


def test_tests_and_examples_are_counted_apart(tmp_path: Path) -> None:
    for path in ("src/a.ts", "src/a.test.ts", "tests/b.ts", "examples/c.ts"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(QUEUE)
    contract = msgspec.to_builtins(audit_report(scan(tmp_path)))
    assert {i["path"] for i in contract["items"]} == {"src/a.ts"}
    assert contract["left_out"] == {"test": 4, "example": 2}


def test_the_prefilter_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "queue.ts").write_text(QUEUE)
    (tmp_path / "use.ts").write_text('import { mails } from "./queue";\nexport const go = () => mails.add("later", {});\n')
    (tmp_path / "unrelated.ts").write_text("export const x = new Set().add(1);\n")
    filtered, whole = scan(tmp_path), scan(tmp_path, prefilter=False)
    assert [i.name for i in filtered.of(Enqueue)] == ["welcome", "later"]
    assert filtered.items == whole.items
    assert filtered.stats.files_parsed < whole.stats.files_parsed


def test_two_scans_give_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "queue.ts").write_text(QUEUE)

    def text() -> str:
        contract = msgspec.to_builtins(audit_report(scan(tmp_path)))
        del contract["stats"]["seconds"]
        return json.dumps(contract)

    assert text() == text()


def test_secrets_in_code_are_masked(tmp_path: Path) -> None:
    (tmp_path / "a.ts").write_text(
        'import { PgBoss } from "pg-boss";\n'
        'const boss = new PgBoss({ connectionString: "postgres://app:hunter2@db/jobs", password: "hunter3" });\n'
        'boss.send("mail", {});\n'
    )
    text = json.dumps(msgspec.to_builtins(audit_report(scan(tmp_path))), ensure_ascii=False)
    assert "hunter" not in text
    assert "postgres://app:•••@db/jobs" in text


def test_a_job_knows_its_queue_and_options(tmp_path: Path) -> None:
    (tmp_path / "a.ts").write_text(
        'import { Worker } from "bullmq";\nnew Worker("mail", async (job) => { if (job.name === "welcome") {} }, { concurrency: 4 });\n'
    )
    (job,) = scan(tmp_path).of(Job)
    assert job.name == "mail"
    assert job.handler is not None
    assert job.handler.is_async
    assert [u.detail for u in job.uses] == ["welcome"]


def test_data_that_holds_itself(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "from celery import Celery\n"
        "app = Celery('x')\n"
        "a = {}\nfor n in names:\n    a = {'inner': a, **a, 'task': 'x.y', 'schedule': 1}\n"
        "app.conf.beat_schedule = a\n"
        "app.conf.update(**a)\n"
    )
    (tmp_path / "b.ts").write_text(
        'import { Queue } from "bullmq";\nlet o = {};\nfor (;;) o = { o, ...o };\nnew Queue("m", o).add("welcome", o, { ...o });\n'
    )
    inventory = scan(tmp_path)
    assert [i.name for i in inventory.of(Enqueue)] == ["welcome"]


def _readers_of_python(root: Path) -> int:
    """How many readers of Python are loaded to scan this tree."""
    code = (
        "import sys; from pathlib import Path; from migrator.scanners import scan; scan(Path(sys.argv[1]));"
        "print(sum('READER' in vars(m) for n, m in list(sys.modules.items()) if n.startswith('migrator.scanners.python.')))"
    )
    return int(subprocess.run([sys.executable, "-c", code, str(root)], capture_output=True, text=True, check=True).stdout)


def test_a_tree_without_python_does_without_its_readers(tmp_path: Path) -> None:
    (tmp_path / "queue.ts").write_text(QUEUE)
    (tmp_path / "package.json").write_text('{"dependencies": {"bullmq": "5.1.0"}}')
    assert _readers_of_python(tmp_path) == 0
    (tmp_path / "requirements.txt").write_text("celery==5.4.0\n")
    assert _readers_of_python(tmp_path) > 10


@pytest.mark.parametrize("code", [{"queue.ts": QUEUE}, {}])
def test_what_manifests_say_of_python_is_said_without_any_code_of_it(tmp_path: Path, code: dict[str, str]) -> None:
    """A worker that another repository's image runs: the readers of its language finish it and tell its version."""
    for name, text in {**code, "requirements.txt": "celery==5.4.0\nqstash==3.0.0\n", "Procfile": "worker: celery -A shop worker\n"}.items():
        (tmp_path / name).write_text(text)
    inventory = scan(tmp_path)
    assert inventory.versions == {"celery": "==5.4.0", "qstash": "==3.0.0"}
    assert [w.system for w in inventory.of(Worker)] == ["celery"]
