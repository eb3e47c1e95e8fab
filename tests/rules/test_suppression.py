"""Comments and settings by which people accept findings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from migrator.errors import MigratorError
from migrator.jobs.findings import Finding
from migrator.rules import check
from migrator.rules.checking import Checked
from migrator.rules.evidence import Evidence
from migrator.rules.marks import marks
from migrator.rules.suppression import PerFile
from migrator.scanners import scan

TASK = """from celery import shared_task

@shared_task
def {name}(order):
    try:
        deliver(order)
    except Exception:
        print("lost")
"""
WORKER = """import { Worker } from "bullmq";

new Worker("mail", async (job) => {
  try {
    await deliver(job.data);
  } catch (error) {
    console.log(error);
  }
});
"""
SURE = {"tasks.py": TASK.format(name="send")}


def look(folder: Path, files: dict[str, str], *select: str, per_file: dict[str, tuple[str, ...]] | None = None) -> Checked:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    settings = PerFile(per_file or {}, "migrate.toml")
    return check(scan(folder), folder, select=select or ("JOB105", "JOB098"), per_file=settings)


def told(findings: tuple[Finding, ...]) -> list[tuple[str, str, int]]:
    return sorted((f.id, f.path, f.line) for f in findings)


def marked(text: str, line: int, comment: str, *, before: bool = False) -> str:
    lines = text.splitlines()
    if before:
        lines.insert(line - 1, comment)
    else:
        lines[line - 1] += f"  {comment}"
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("path", "text", "line", "comment"),
    [
        ("tasks.py", TASK.format(name="send"), 7, "# migrate: ignore[JOB105] counted elsewhere"),
        ("tasks.py", TASK.format(name="send"), 7, "#migrate:ignore[JOB105]counted elsewhere"),
        ("tasks.py", TASK.format(name="send"), 7, "# noqa: BLE001  # migrate: ignore[swallowed-exception] counted elsewhere"),
        ("mail.ts", WORKER, 6, "// migrate: ignore[JOB101, JOB105] counted elsewhere"),
        ("mail.ts", WORKER, 6, "/* migrate: ignore[JOB105] counted elsewhere */"),
    ],
)
@pytest.mark.parametrize("before", [False, True])
def test_on_the_line_or_the_line_before(tmp_path: Path, path: str, text: str, line: int, comment: str, before: bool) -> None:
    checked = look(tmp_path, {path: marked(text, line, comment, before=before)}, "JOB105")
    assert checked.findings == ()
    (one,) = checked.suppressed
    assert (one.by, one.reason, one.path, one.line) == ("comment", "counted elsewhere", path, line)
    assert (one.finding.id, one.finding.line) == ("JOB105", line + before)


@pytest.mark.parametrize("ending", ["\r\n", "\n"])
@pytest.mark.parametrize("before", ["", "\ufeff"])
def test_line_endings_and_byte_order_marks(tmp_path: Path, ending: str, before: str) -> None:
    for path, text, comment in (
        ("a.py", SURE["tasks.py"], "# migrate: ignore[JOB105] why"),
        ("a.ts", WORKER, "/* migrate: ignore[JOB105] why */"),
    ):
        line = 7 if path == "a.py" else 6
        (tmp_path / path).write_bytes((before + marked(text, line, comment).replace("\n", ending)).encode())
    checked = look(tmp_path, {})
    assert checked.findings == ()
    assert [(s.reason, s.finding.path) for s in checked.suppressed] == [("why", "a.py"), ("why", "a.ts")]


def test_a_password_in_a_reason_is_masked(tmp_path: Path) -> None:
    text = marked(SURE["tasks.py"], 7, "# migrate: ignore[JOB105] see postgres://me:hunter2@db/x")
    assert "hunter2" not in look(tmp_path, {"tasks.py": text}).suppressed[0].reason


def test_a_hostile_comment_ends(tmp_path: Path) -> None:
    # Quadratic, it would take hours.
    filler = {
        "a.ts": "/*" + "\n \t" * 200_000 + "migrate: ignore[JOB9999] x */\n",
        "b.ts": "//" + "/ " * 300_000 + "migrate: ignore[JOB9999] x\n",
    }
    assert [f.path for f in look(tmp_path, SURE | filler, "JOB098").findings] == ["a.ts", "b.ts"]


def test_comments_may_stand_between_it_and_its_line(tmp_path: Path) -> None:
    text = marked(
        SURE["tasks.py"], 7, "    # migrate: ignore[JOB105] counted elsewhere\n    # and this is about something else", before=True
    )
    checked = look(tmp_path, {"tasks.py": text})
    assert told(checked.findings) == []
    assert [s.finding.line for s in checked.suppressed] == [9]


@pytest.mark.parametrize(
    ("line", "comment", "before"),
    [
        (6, "# migrate: ignore[JOB105] the line of other code before it", False),
        (8, "# migrate: ignore[JOB105] the line after it", False),
        (6, "# migrate: ignore[JOB105] two lines before it", True),
        (7, "# migrate: ignore[JOB101] another rule", False),
        (7, "# migrate: ignore[JOB10] the beginning of an id is for files alone", False),
        (7, "# migrate: ignore[JOB105]", False),
        (7, "# migrate: ignore[] no rule", False),
        (7, "# migrate: ignore JOB105 without brackets", False),
        (7, "# migrate: ignore everything", False),
        (7, "# migrate ignore[JOB105] without a colon", False),
        (7, "# see the page about migrate: ignore[JOB105] for more", False),
    ],
)
def test_what_does_not_count(tmp_path: Path, line: int, comment: str, before: bool) -> None:
    checked = look(tmp_path, {"tasks.py": marked(SURE["tasks.py"], line, comment, before=before)}, "JOB105")
    assert [f.id for f in checked.findings] == ["JOB105"]
    assert checked.suppressed == ()


def test_a_whole_file(tmp_path: Path) -> None:
    both = SURE["tasks.py"] + TASK.format(name="again").partition("\n")[2]
    checked = look(tmp_path, {"tasks.py": f"# migrate: ignore-file[JOB10] an old service\n{both}", "mail.ts": WORKER})
    assert told(checked.findings) == [("JOB105", "mail.ts", 6)]
    assert [(s.finding.path, s.finding.line, s.line) for s in checked.suppressed] == [("tasks.py", 8, 1), ("tasks.py", 15, 1)]


def test_of_a_finding_with_many_places_the_others_go_on_counting(tmp_path: Path) -> None:
    # JOB101 is one finding for all tasks.
    files = {"a.py": TASK.format(name="a"), "b.py": TASK.format(name="b"), "c.py": TASK.format(name="c")}
    (whole,) = look(tmp_path, files, "JOB101").findings
    assert [spot.path for spot in whole.places] == ["a.py", "b.py", "c.py"]
    files["a.py"] = marked(files["a.py"], 3, "# migrate: ignore[JOB101] runs again tomorrow")
    checked = look(tmp_path, files, "JOB101")
    (left,) = checked.findings
    assert [spot.path for spot in left.places] == ["b.py", "c.py"]
    assert left.message.endswith("1 of the places is accepted.")
    assert [(s.finding.path, s.finding.others) for s in checked.suppressed] == [("a.py", ())]
    for path in ("b.py", "c.py"):
        files[path] = marked(files[path], 3, "# migrate: ignore[JOB101] runs again tomorrow")
    assert look(tmp_path, files, "JOB101").findings == ()


def test_what_is_unknown_cannot_be_suppressed(tmp_path: Path) -> None:
    text = (
        "from django.db import transaction\nfrom django.tasks import task\n\n@task()\ndef send():\n    ...\n\n"
        "def order():\n    with transaction.atomic():\n        send.enqueue()  # migrate: ignore[JOB109] whatever\n"
    )
    checked = look(tmp_path, {"tasks.py": text}, "JOB109", "JOB098")
    (became,) = (c for c in checked.checks if c.id == "JOB109")
    assert became.state == "unknown"
    # Nor is it said that there is nothing to suppress: nobody knows.
    assert checked.findings == checked.suppressed == ()


def test_what_is_unknown_cannot_be_suppressed_where_the_rule_is_broken_elsewhere(tmp_path: Path) -> None:
    order = "from django.db import transaction\nfrom {} import send\n\ndef order():\n    with transaction.atomic():\n        send.{}()"
    files = {
        "mails.py": "from django.tasks import task\n\n@task()\ndef send():\n    ...\n",
        "orders.py": order.format("mails", "enqueue") + "  # migrate: ignore[JOB109] whatever\n",
        "texts.py": "from celery import shared_task\n\n@shared_task\ndef send():\n    ...\n",
        "calls.py": order.format("texts", "delay") + "\n",
    }
    checked = look(tmp_path, files, "JOB109", "JOB098")
    assert [(f.id, f.path) for f in checked.findings] == [("JOB109", "calls.py")]
    assert [c.untold[0].path for c in checked.checks if c.id == "JOB109"] == ["orders.py"]


@pytest.mark.parametrize(
    ("comment", "words"),
    [
        ("# migrate: ignore[JOB105]", "gives no reason"),
        ("# migrate: ignore[JOB105]:", "gives no reason"),
        ("# migrate: ignore", "names no rule"),
        ("# migrate: ignore[] because", "names no rule"),
        ("# migrate: ignore JOB105 because", "names no rule"),
        ("# migrate: ignore-file because", "names no rule"),
        ("# migrate: ignore[JOB1055] because", "`JOB1055` is no rule; did you mean JOB105?"),
        ("# migrate: ignore[swalowed-exception] because", "did you mean swallowed-exception?"),
        ("# migrate: ignore[JOB105, JOB1055] because", "`JOB1055` is no rule"),
        ("# migrate: ignore[JOB10] because", "`JOB10` is no rule"),
        ("# migrate: ignore-file[JOB] because", "`JOB` is no rule"),
        ("# migrate: ignore[JOB098] because", "cannot be suppressed by a comment"),
    ],
)
def test_a_comment_that_does_nothing_is_a_finding(tmp_path: Path, comment: str, words: str) -> None:
    checked = look(tmp_path, {"tasks.py": marked(SURE["tasks.py"], 7, comment)})
    (one,) = (f for f in checked.findings if f.id == "JOB098")
    assert (one.path, one.line) == ("tasks.py", 7)
    assert words in one.message


def test_one_that_suppresses_nothing_any_more_is_a_finding(tmp_path: Path) -> None:
    mended = SURE["tasks.py"].replace('print("lost")', "raise  # migrate: ignore[JOB105] it was so once")
    (one,) = look(tmp_path, {"tasks.py": mended}).findings
    assert (one.id, one.line) == ("JOB098", 8)
    assert one.message == "JOB105 finds nothing at line 8: the comment can go."


def test_one_beside_the_finding_is_told_where_it_belongs(tmp_path: Path) -> None:
    checked = look(tmp_path, {"tasks.py": marked(SURE["tasks.py"], 8, "# migrate: ignore[JOB105] counted elsewhere")})
    assert "finds nothing at line 8, but at line 7: the comment belongs there." in checked.findings[-1].message


def test_of_rules_that_were_not_looked_at_nothing_is_said(tmp_path: Path) -> None:
    text = marked(SURE["tasks.py"], 8, "# migrate: ignore[JOB105] counted elsewhere")
    assert look(tmp_path, {"tasks.py": text}, "JOB098").findings == ()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", 'MARK = "# migrate: ignore[JOB9999] x"\n'),
        ("a.py", '"""\n# migrate: ignore[JOB9999] x\n"""\n'),
        ("a.ts", "const mark = `\n// migrate: ignore[JOB9999] x\n`;\n"),
        ("a.ts", 'const mark = "// migrate: ignore[JOB9999] x";\n'),
        ("a.yml", "a: '# migrate: ignore[JOB9999] x'\n"),
        ("a.yaml", "a: |\n  # migrate: ignore[JOB9999] x\n"),
        ("a.toml", 'a = "# migrate: ignore[JOB9999] x"\n'),
        ("a.sql", "SELECT '-- migrate: ignore[JOB9999] x';\n"),
        ("a.tf", 'a = "# migrate: ignore[JOB9999] x"\n'),
        ("README.md", "# migrate: ignore[JOB9999] x\n"),
        ("tests/test_a.py", "# migrate: ignore[JOB9999] x\n"),
        ("a.py", "# migrate: ignore rows without an owner\n"),
        ("a.py", "# migrate: ignored[JOB9999] x\n"),
        ("docker-compose.yml", "services:\n  migrate:\n    image: x # migrate: the database\n"),
    ],
)
def test_what_looks_like_a_comment_of_ours_and_is_none(tmp_path: Path, path: str, text: str) -> None:
    assert look(tmp_path, {**SURE, path: text}, "JOB098").findings == ()


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("a.yml", "a: 1\nb: x # migrate: ignore[JOB9999] x\n", 2),
        ("a.yaml", "# migrate: ignore[JOB9999] x\na: 1\n", 1),
        ("a.toml", "a = 1\n\n# migrate: ignore[JOB9999] x\n", 3),
        ("a.sql", "SELECT 1; -- migrate: ignore[JOB9999] x\n", 1),
        ("a.sql", "/* about it\n   migrate: ignore[JOB9999] x */\nSELECT 1;\n", 2),
        ("a.tf", "a = 1 // migrate: ignore[JOB9999] x\n", 1),
        ("Dockerfile", "FROM scratch\n# migrate: ignore[JOB9999] x\n", 2),
        ("Procfile", "# migrate: ignore[JOB9999] x\nworker: x\n", 1),
        (".env.production", "# migrate: ignore[JOB9999] x\nA=1\n", 1),
        ("a.mjs", "/**\n * migrate: ignore[JOB9999] x\n */\n", 2),
        ("a.tsx", "const a = <b>{/* migrate: ignore[JOB9999] x */}</b>;\n", 1),
    ],
)
def test_where_comments_are_read(tmp_path: Path, path: str, text: str, line: int) -> None:
    (one,) = look(tmp_path, {**SURE, path: text}, "JOB098").findings
    assert (one.path, one.line) == (path, line)


def test_in_sql_and_yaml_findings_are_accepted_too(tmp_path: Path) -> None:
    jobs = "SELECT cron.schedule('a', '30 2 * * *', 'SELECT 1');\nSELECT cron.schedule('b', '30 2 * * *', 'SELECT 2');\n"
    assert look(tmp_path, {"jobs.sql": jobs}, "JOB301").findings
    said = jobs.replace(";\n", "; -- migrate: ignore[JOB301] both are cheap\n")
    checked = look(tmp_path, {"jobs.sql": said}, "JOB301")
    assert checked.findings == ()
    assert [s.reason for s in checked.suppressed] == ["both are cheap"] * 2


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("SELECT 1; -- first\n-- second\n  /* third */ -- fourth\nSELECT 2; /* fifth\n*/ SELECT '\u00e9'; -- sixth\n", [1, 4, 4, 4, 4, 5]),
        ("-- first\r\n\r\nSELECT 1; -- second\r\n-- third\r\n", [2, 3, 5]),
    ],
)
def test_which_line_a_comment_is_about(tmp_path: Path, text: str, lines: list[int]) -> None:
    (tmp_path / "a.sql").write_bytes(re.sub(r"(first|second|third|fourth|fifth|sixth)", r"migrate: ignore[JOB101] \1", text).encode())
    look(tmp_path, SURE, "JOB101")
    evidence = Evidence(scan(tmp_path), tmp_path)
    assert [(mark.reason, mark.covers) for mark in marks(evidence)] == list(
        zip(("first", "second", "third", "fourth", "fifth", "sixth"), lines, strict=False)
    )


def test_settings_accept_for_files(tmp_path: Path) -> None:
    files = {"legacy/a.py": TASK.format(name="a"), "b.py": TASK.format(name="b")}
    checked = look(tmp_path, files, per_file={"legacy/": ("JOB1",), "*.ts": ("JOB105",)})
    assert told(checked.findings) == [("JOB105", "b.py", 7)]
    (one,) = checked.suppressed
    assert (one.by, one.reason, one.path, one.line) == ("settings", "per-file-ignores of legacy/", "migrate.toml", 0)


def test_a_pattern_that_is_none_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(MigratorError, match="is no pattern"):
        look(tmp_path, SURE, per_file={"!a": ("JOB105",)})
