"""The report on a rewrite: it adds up, names every place, and nothing in it can break out of its form."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.console import Console

from migrator.codemods.changes import ChangeSet, Decision
from migrator.codemods.files import FileChange
from migrator.jobs import Location, Span
from migrator.reporting.changes import ChangesReport, report
from migrator.reporting.changes_console import print_report
from migrator.reporting.changes_diff import for_output
from migrator.reporting.changes_formats import render
from migrator.reporting.changes_words import code, prose, verdict
from migrator.reporting.plain import visible

FILES = (FileChange("app/tasks.py", b"a\nb\n", b"a\nc\nd\n"), FileChange("n.py", None, b"x\n"), FileChange("r.py", b"y\n", None))


def decision(
    name: str, safety: str, outcome: str, *, summary: str = "Done.", line: int = 1, traps: tuple[str, ...] = (), kind: str = "enqueue"
) -> Decision:
    where = Location("app/tasks.py", line, 4, line, Span(0, 1))
    return Decision(kind=kind, name=name, location=where, safety=safety, outcome=outcome, summary=summary, traps=traps, group=name)


CHANGES = ChangeSet(
    source="celery",
    target="dramatiq",
    decisions=(
        decision("send", "safe", "rewritten"),
        decision("inline", "safe", "left", summary="A plain call; works as it is."),
        decision("nightly", "manual", "left", summary="Rewrite the chord by hand.", line=12, traps=("MIG100", "MIG999"), kind="definition"),
        decision("weekly", "manual", "left", summary="Rewrite the chord by hand.", line=20, traps=("MIG100", "MIG999"), kind="definition"),
        decision("late", "unsafe", "left", summary="Its delay may be a date.", line=30),
        decision("early", "unsafe", "rewritten", summary="The delay is taken for seconds.", line=40, traps=("MIG103",)),
    ),
    notes=("Stop the old workers.", "Start the new ones."),
)
REPORT = report(CHANGES, FILES, "services/mail")


def text(found: ChangesReport, width: int = 80, **options: object) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False, **options)
    print_report(found, console)
    return console.file.getvalue()


# --- JSON ---------------------------------------------------------------------------------------------------------------------------


def test_json_is_the_contract() -> None:
    found = json.loads(render(REPORT, "json"))
    assert found["schema"] == "migrator.changes/1"
    assert {k: found[k] for k in ("root", "source", "target", "written", "unsafe", "diff")} == {
        "root": "services/mail",
        "source": "celery",
        "target": "dramatiq",
        "written": False,
        "unsafe": False,
        "diff": None,
    }
    assert found["totals"] == {
        "decisions": 6,
        "rewritten": 2,
        "left": 4,
        "open": 3,
        "by_safety": {"safe": {"rewritten": 1, "left": 1}, "unsafe": {"rewritten": 1, "left": 1}, "manual": {"rewritten": 0, "left": 2}},
    }
    assert found["decisions"][2] == {
        "kind": "definition",
        "name": "nightly",
        "path": "app/tasks.py",
        "line": 12,
        "column": 4,
        "end_line": 12,
        "safety": "manual",
        "outcome": "left",
        "summary": "Rewrite the chord by hand.",
        "traps": ["MIG100", "MIG999"],
        "group": "nightly",
    }
    assert found["files"] == [
        {"path": "app/tasks.py", "status": "modified", "added": 2, "removed": 1},
        {"path": "n.py", "status": "added", "added": 1, "removed": 0},
        {"path": "r.py", "status": "removed", "added": 0, "removed": 1},
    ]
    assert list(found["traps"]) == ["MIG100", "MIG103"]
    assert found["notes"] == ["Stop the old workers.", "Start the new ones."]


def test_the_documented_schema_is_current() -> None:
    documented = Path(__file__).parents[2] / "docs/changes.schema.json"
    schema = json.dumps(msgspec.json.schema(ChangesReport))
    # Python 3.13 takes the indentation out of docstrings.
    current, there = (json.loads(re.sub(r"\\n *", r"\\n", text)) for text in (schema, json.dumps(json.loads(documented.read_text()))))
    assert there == current, "write msgspec.json.schema(ChangesReport) there"


def test_the_diff_is_there_when_asked_for() -> None:
    assert "+++ b/n.py" in json.loads(render(report(CHANGES, FILES, ".", diff=True), "json"))["diff"]


decisions = st.lists(
    st.builds(
        decision,
        st.text(max_size=5),
        st.sampled_from(["safe", "unsafe", "manual"]),
        st.sampled_from(["rewritten", "left"]),
    ),
    max_size=20,
)


@given(decisions)
def test_totals_add_up_whichever_way(made: list[Decision]) -> None:
    found = report(ChangeSet(source="a", target="b", decisions=tuple(made)), (), ".").totals
    assert found.decisions == len(made) == found.rewritten + found.left
    assert found.rewritten == sum(t.rewritten for t in found.by_safety.values())
    assert found.left == sum(t.left for t in found.by_safety.values()) >= found.open
    assert found.open == found.left - found.by_safety["safe"].left


def test_secrets_are_masked() -> None:
    secret = ChangeSet(
        source="a",
        target="b",
        decisions=(decision("redis://:hunter2@cache:6379", "manual", "left", summary="Set redis://:hunter2@cache:6379 by hand."),),
        notes=("Use redis://:hunter2@cache.",),
    )
    for said in (render(report(secret, (), "."), "json"), render(report(secret, (), "."), "markdown"), text(report(secret, (), "."))):
        assert "hunter2" not in said
        assert "cache" in said


# --- terminal -----------------------------------------------------------------------------------------------------------------------


def test_text_at_80_columns() -> None:
    assert text(REPORT).splitlines() == [
        "Celery to Dramatiq in services/mail",
        "2 of 6 places rewritten, 1 needs no change, 3 left.",
        "",
        "            rewritten    left",
        "  safe              1       1    the meaning is kept",
        "  unsafe            1       1    depends on what code cannot show",
        "  manual            ·       2    needs a person",
        "  total             2       4",
        "",
        "Left for a person (2)",
        "  The code at these places does what it did.",
        "",
        "  app/tasks.py:12  nightly  job",
        "  app/tasks.py:20  weekly  job",
        "    Rewrite the chord by hand.  MIG100 MIG999",
        "",
        "Left until --unsafe (1)",
        "  A rewrite is ready; whether it keeps the meaning depends on what code cannot",
        "  show.",
        "",
        "  app/tasks.py:30  late  call",
        "    Its delay may be a date.",
        "",
        "Rewritten, to be looked at (1)",
        "  Whether the meaning is kept depends on what code cannot show.",
        "",
        "  app/tasks.py:40  early  call",
        "    The delay is taken for seconds.  MIG103",
        "",
        "What the ids stand for",
        "  MIG100  Dramatiq retries every error, Celery none",
        "  MIG103  Seconds become milliseconds",
        "",
        "Around the deployment",
        "  1. Stop the old workers.",
        "  2. Start the new ones.",
        "",
        "3 files would change, +3 −2.",
    ]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    long = decision("a_name_" * 6, "manual", "left", summary="word " * 60, traps=("MIG100",))
    found = report(msgspec.structs.replace(CHANGES, decisions=(*CHANGES.decisions, long), notes=("note " * 50,)), FILES, ".")
    assert max(map(len, text(found, width).splitlines())) <= width


def test_nothing_found() -> None:
    found = report(ChangeSet(source="celery", target="dramatiq"), (), ".")
    assert text(found).splitlines() == ["Celery to Dramatiq in .", "Nothing of Celery was found.", "", "No file changes."]
    assert "Nothing of Celery was found." in render(found, "markdown")


def test_all_done() -> None:
    found = report(ChangeSet(source="celery", target="dramatiq", decisions=(decision("a", "safe", "rewritten"),)), FILES, ".", written=True)
    assert verdict(found) == "1 of 1 place rewritten, nothing left."
    assert text(found).splitlines()[-1] == "3 files written, +3 −2."


def test_text_of_others_cannot_steer_the_terminal() -> None:
    evil = "a\x1b]0;owned\x07\x9b2J\u202e\rz"
    found = report(
        msgspec.structs.replace(CHANGES, decisions=(decision(evil, "manual", "left", summary=evil),), notes=(evil,)), FILES, f"root{evil}"
    )
    said = text(found)
    assert not {"\x1b", "\x07", "\x9b", "\u202e", "\r"} & set(said)
    assert "owned" in said


def test_markup_of_rich_is_only_text() -> None:
    assert "[bold]x[/]" in text(report(ChangeSet(source="a", target="b", decisions=(decision("[bold]x[/]", "manual", "left"),)), (), "."))


# --- diff on a terminal -------------------------------------------------------------------------------------------------------------

DIFF = b"diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,3 +1,2 @@\n same\n--- not a header\n+new \x1b[2J\r\n"


def test_elsewhere_the_diff_is_left_alone() -> None:
    assert for_output(DIFF, Console(file=io.StringIO())) is DIFF


def test_a_terminal_gets_colour_and_no_foreign_codes() -> None:
    lines = for_output(DIFF, Console(file=io.StringIO(), force_terminal=True, color_system="standard")).decode().split("\n")
    assert lines == [
        "\x1b[1mdiff --git a/a b/a\x1b[0m",
        "\x1b[1m--- a/a\x1b[0m",
        "\x1b[1m+++ b/a\x1b[0m",
        "\x1b[36m@@ -1,3 +1,2 @@\x1b[0m",
        " same",
        "\x1b[31m--- not a header\x1b[0m",
        "\x1b[32m+new ␛[2J\x1b[0m",
        "",
    ]


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    shown = for_output(DIFF, Console(file=io.StringIO(), force_terminal=True, color_system="standard")).decode()
    assert "\x1b" not in shown
    assert "␛[2J" in shown


def test_visible_keeps_what_is_harmless() -> None:
    assert visible("a\tb\nü → 日本") == "a\tb\nü → 日本"


# --- Markdown -----------------------------------------------------------------------------------------------------------------------


def test_markdown_of_a_pull_request() -> None:
    said = render(REPORT, "markdown")
    assert said.startswith("# Background jobs: Celery to Dramatiq\n\n2 of 6 places rewritten, 1 needs no change, 3 left.\n")
    assert "| safe | 1 | 1 | the meaning is kept |\n" in said
    assert "| **total** | **2** | **4** | |\n" in said
    assert "- [ ] `app/tasks.py:12` `nightly` (job), and\n" in said
    assert "- [ ] `app/tasks.py:20` `weekly` (job): Rewrite the chord by hand. (MIG100, MIG999)\n" in said
    assert "- **MIG100** Dramatiq retries every error, Celery none. A Celery task" in said
    assert "1. Stop the old workers.\n1. Start the new ones.\n" in said
    assert "| `app/tasks.py` | modified | 2 | 1 |\n" in said
    assert "<details>" not in said


def test_markdown_renders_as_meant() -> None:
    html = MarkdownIt("gfm-like", {"linkify": False}).render(render(report(CHANGES, FILES, ".", diff=True), "markdown"))
    assert html.count("<table>") == 2
    assert html.count("<li>") == 4 + 2 + 2
    assert html.count("<h2>") == 6
    assert '<pre><code class="language-diff">diff --git a/app/tasks.py b/app/tasks.py' in html


@pytest.mark.parametrize(
    "evil",
    [
        "<script>x</script>",
        "[a](http://b)",
        "*a* _b_",
        "x\n\n# heading",
        "a | b",
        "``` fence",
        "![i](http://b)",
        "- [ ] item",
        "\\",
        "`<b>",
        "&lt;",
    ],
)
def test_names_and_reasons_cannot_break_out_of_markdown(evil: str) -> None:
    made = (decision(f"a{evil}", "manual", "left", summary=f"Do {evil} now"),)
    files = (FileChange(f"p/{evil}", None, b"```\n</details>\n"),)
    html = MarkdownIt("gfm-like", {"linkify": False}).render(
        render(report(ChangeSet(source="a", target="b", decisions=made), files, ".", diff=True), "markdown")
    )
    outside = html.split("<pre>")[0]
    assert "<script" not in outside
    assert "<a " not in outside
    assert "<img" not in outside
    assert "<b>" not in outside
    assert outside.count("<li>") == 1
    assert html.count("<h1>") == 1
    assert html.count("<pre>") == 1
    assert outside.count("<td>") + outside.count("<td ") == 4 * 4 + 4


@given(st.text("a`b ", min_size=1, max_size=8))
def test_a_code_span_holds_any_backticks(raw: str) -> None:
    html = MarkdownIt().render(f"x {code(raw)} y")
    assert html.count("<code>") == 1
    assert "".join(html.split("<code>")[1].split("</code>")[0].split()) == "".join(raw.split())


def test_code_in_a_reason_stays_code() -> None:
    assert prose("use `a_b[0]` not a_b") == "use `a_b[0]` not a\\_b"
