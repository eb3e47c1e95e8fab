"""What lists hold, laid open."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.scanners.files import walk
from migrator.scanners.linking import Evaluator, Place, Project
from migrator.scanners.linking.elements import elements
from migrator.syntax.tree import field
from migrator.syntax.tree import walk as walk_nodes

HEAD = """\
import * as parts from "./parts";
import { far } from "far-away";
const base = ["a", "b"];
const table = { x: "x", y: "y" };
const take = (first: string, ...rest: string[]) => rest;
"""


def look(folder: Path, expression: str) -> tuple[list[str], list[str]]:
    (folder / "parts.ts").write_text('export const p = "p";\nexport * from "./more";\n')
    (folder / "more.ts").write_text('export const q = "q";\n')
    (folder / "main.ts").write_text(f"{HEAD}const wanted = {expression};\n")
    project = Project(walk(folder), ())
    source = project.source("main.ts")
    evaluator = Evaluator(project, lambda _: False)
    wanted = [n for n in walk_nodes(source.root, ("variable_declarator",)) if source.text(field(n, "name") or n) == "wanted"]
    value = field(wanted[0], "value")
    assert value is not None
    found = elements(evaluator, Place(source, value))
    return [evaluator.text(p) for p in found.known], [p.text for p in found.unknown]


@pytest.mark.parametrize(
    ("expression", "known", "unknown"),
    [
        ('["a", "b"]', ["a", "b"], []),
        ('["z", ...base, "y"]', ["z", "a", "b", "y"], []),
        ("[...base, ...far]", ["a", "b"], ["far"]),
        ("[...base, ...far()]", ["a", "b"], ["far()"]),
        ('base.concat(["c"])', ["a", "b", "c"], []),
        ("base.filter((b) => b)", ["a", "b"], []),
        ("base.map((b) => `${b}!`)", ["a!", "b!"], []),
        ("base.map(far)", [], ["base.map(far)"]),
        ("base.map((b) => { if (b) return b; return far; })", [], ["base.map((b) => { if (b) return b; return far; })"]),
        ("[...base.map((b) => b), ...far.map((b) => b)]", ["a", "b"], ["far.map((b) => b)"]),
        ('far() ? ["x"] : base', ["x", "a", "b"], []),
        ('[...(far() && ["x"])]', ["x"], []),
        ("Object.values(table)", ["x", "y"], []),
        ("[...Object.values(table), ...base] as const", ["x", "y", "a", "b"], []),
        ('"alone"', ["alone"], []),
        ('take("1", "2", "3")', ["2", "3"], []),
        ('take("1", ...base)', ["a", "b"], []),
    ],
)
def test_elements(tmp_path: Path, expression: str, known: list[str], unknown: list[str]) -> None:
    assert look(tmp_path, expression) == (known, unknown)


def test_all_that_a_module_exports_when_its_values_have_no_place_is_unknown(tmp_path: Path) -> None:
    known, unknown = look(tmp_path, "Object.values(parts)")
    assert known == []
    assert len(unknown) == 2
