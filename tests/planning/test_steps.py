"""Formulas of the number of steps, from code."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.planning.steps import Steps, steps_of
from tests.planning.applications import application

HEAD = (
    'import { Inngest } from "inngest";\nconst inngest = new Inngest({ id: "a" });\nconst PLUGINS = ["tone", "facts", "style", "links"];\n'
)
FUNCTION = 'export const f = inngest.createFunction({ id: "f" }, { event: "e" }, async ({ event, step }) => {\nBODY\n});\n'
PYTHON = (
    'import inngest\nclient = inngest.Inngest(app_id="a")\n\n'
    '@client.create_function(fn_id="f", trigger=inngest.TriggerEvent(event="e"))\nasync def f(ctx: inngest.Context) -> None:\n'
)


def typescript(root: Path, body: str) -> Steps:
    app = application(root, {"package.json": '{"dependencies": {"inngest": "^3.54.0"}}', "f.ts": HEAD + FUNCTION.replace("BODY", body)})
    return steps_of(app.evidence, app.jobs[0])


def python(root: Path, body: str) -> Steps:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    app = application(root, {"requirements.txt": "inngest==0.5.19\n", "f.py": PYTHON + lines})
    return steps_of(app.evidence, app.jobs[0])


@pytest.mark.parametrize(
    ("body", "formula"),
    [
        ('await step.run("a", () => 1);\nawait step.sleep("b", "1s");', "2"),
        ('for (const chunk of event.data.chunks) await step.run("a", () => chunk);', "chunks"),
        ('await Promise.all(chunks.map((c) => Promise.all(plugins.map((p) => step.run("a", () => c)))));', "chunks·plugins"),
        ('for (const p of PLUGINS) await step.run("a", () => p);', "4"),
        ('for (const c of chunks) { for (const p of PLUGINS) await step.run("a", () => p); await step.run("b", () => c); }', "5·chunks"),
        ('for (const c of chunks.filter(Boolean).slice(0, 9)) await step.run("a", () => c);', "chunks"),
        ('for (const c of Object.values(event.data.parts)) await step.run("a", () => c);', "parts"),
        ('for (let i = 0; i < pages.length; i++) await step.run("a", () => i);', "pages"),
        ('for (let i = 0; i < 3; i++) await step.run("a", () => i);', "3"),
        ('for (let i = pages.length; i > 0; i--) await step.run("a", () => i);', "rounds"),
        ('for (let i = 9; i < pages.length; i++) await step.run("a", () => i);', "rounds"),
        ('for (let i = 0; i <= 3; i++) await step.run("a", () => i);', "rounds"),
        ('for (let i = 0; 3 > i; i++) await step.run("a", () => i);', "rounds"),
        ('for (let i = 0; i < pages.length; i--) await step.run("a", () => i);', "rounds"),
        ('for (let i = 0; i < pages.length; i += 50) await step.run("a", () => i);', "rounds"),
        ('while (more) more = await step.run("a", () => 1);', "rounds"),
        (
            'const f = async (c) => { await step.run("a", () => c); await step.run("b", () => c); };\nfor (const c of chunks) await f(c);',
            "2·chunks",
        ),
        ('const one = async (c) => { await step.run("a", () => c); };\nawait Promise.all(chunks.map(one));\nawait one(0);', "chunks + 1"),
        ('if (event.data.big) await step.run("a", () => 1); else await step.run("b", () => 2);', "2"),
        ('for (const c of await step.run("list", () => [])) await step.run("a", () => c);', "list + 1"),
        ('const ids = chunks.map((c) => c.id);\nawait step.run("a", () => ids);', "1"),
    ],
)
def test_typescript(tmp_path: Path, body: str, formula: str) -> None:
    found = typescript(tmp_path, body)
    assert (str(found.count), found.open_end) == (formula, "")


@pytest.mark.parametrize(
    ("body", "formula"),
    [
        ('await ctx.step.run("a", one)\nawait ctx.step.run("b", two)', "2"),
        ('for chunk in ctx.event.data["chunks"]:\n    await ctx.step.run("a", one)', "chunks"),
        ('for i in range(3):\n    await ctx.step.run("a", one)', "3"),
        ('for i in range(pages):\n    await ctx.step.run("a", one)', "pages"),
        ('for i, chunk in enumerate(sorted(chunks)):\n    for p in ("x", "y"):\n        await ctx.step.run("a", one)', "2·chunks"),
        ('[await ctx.step.run("a", one) for c in chunks for p in plugins]', "chunks·plugins"),
        ("while True:\n    await ctx.step.run('a', one)", "rounds"),
        ('[p for c in chunks for p in await ctx.step.run("a", one)]', "chunks"),
        ('[p for p in await ctx.step.run("a", one)]', "1"),
    ],
)
def test_python(tmp_path: Path, body: str, formula: str) -> None:
    found = python(tmp_path, body)
    assert (str(found.count), found.open_end) == (formula, "")


def test_two_things_of_one_name_are_two_sizes(tmp_path: Path) -> None:
    found = typescript(
        tmp_path,
        'for (const a of event.data.items) await step.run("a", () => a);\nfor (const b of other.items) await step.run("b", () => b);',
    )
    assert str(found.count) == "items + items2"
    assert {name: source for name, (source, _) in found.sizes.sources.items()} == {"items": "event.data.items", "items2": "other.items"}


def test_steps_in_other_hands_leave_an_open_end(tmp_path: Path) -> None:
    found = typescript(tmp_path, 'await step.run("a", () => 1);\nawait theRest(step);')
    assert str(found.count) == "1"
    assert found.open_end == "its step tools are handed to other code at f.ts:6"


def test_what_sleeps_or_sends_gives_nothing(tmp_path: Path) -> None:
    found = typescript(tmp_path, 'await step.run("a", () => 1);\nawait step.sleep("b", "1s");\nawait step.sendEvent("c", { name: "d" });')
    assert (str(found.count), str(found.giving)) == ("3", "1")
