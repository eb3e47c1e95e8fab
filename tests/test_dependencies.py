"""What we depend on is written down, pinned, and named without addresses."""

from __future__ import annotations

import importlib.metadata
import json
import re
import tomllib
from collections import deque
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
#: Which part of docs/dependencies.md describes which part of pyproject.toml. Packages in two extras stand where they come first.
SECTIONS = {
    "To run": "dependencies",
    "To compare systems (extra `shadow`)": "shadow",
    "To compare with Inngest (extra `inngest`)": "inngest",
    "To compare with QStash (extra `qstash`)": "qstash",
    "To compare with SQS (extra `sqs`)": "sqs",
    "To have servers without installing any (extra `servers`)": "servers",
    "To work on it (group `dev`)": "dev",
}
#: Programs that the Makefile installs.
TOOLS = {"hatchling", "pip", "uv"}


def required() -> dict[str, list[Requirement]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = {
        "dependencies": project["project"]["dependencies"],
        **project["project"]["optional-dependencies"],
        **project["dependency-groups"],
    }
    return {name: [Requirement(line) for line in lines] for name, lines in groups.items()}


def pinned() -> dict[str, Requirement]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").split("\n")
    pins = [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]
    return {canonicalize_name(pin.name): pin for pin in pins}


def documented() -> dict[str, list[list[str]]]:
    """The rows of docs/dependencies.md by heading."""
    parts = re.split(r"^## (.+)$", (ROOT / "docs/dependencies.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    rows = {
        heading: [[cell.strip() for cell in line.strip("|").split("|")] for line in text.split("\n") if line.startswith("|")]
        for heading, text in zip(parts[1::2], parts[2::2], strict=True)
    }
    return {heading: lines[2:] for heading, lines in rows.items()}


def test_every_dependency_has_its_line_and_every_line_its_dependency() -> None:
    rows, seen = documented(), set[str]()
    for heading, group in SECTIONS.items():
        expected = {requirement.name for requirement in required()[group]} - seen
        assert {row[0] for row in rows[heading]} == expected, heading
        seen |= expected
    assert {row[0] for row in rows["To build it"]} == TOOLS


def test_every_line_is_filled_in() -> None:
    for row in (row for rows in documented().values() for row in rows):
        assert len(row) == 5, row
        assert all(row), row
        assert re.search(r"\d", row[-1]), f"{row[0]}: which release?"


def test_every_dependency_is_pinned_to_a_version_that_will_do() -> None:
    pins = pinned()
    for requirement in (requirement for group in required().values() for requirement in group):
        pin = pins[canonicalize_name(requirement.name)]
        (version,) = [specifier.version for specifier in pin.specifier if specifier.operator == "=="]
        assert requirement.specifier.contains(version), f"{requirement} is pinned to {version}"
    assert pins.keys() >= TOOLS


def test_everything_below_them_is_pinned_too() -> None:
    pins, todo, seen = pinned(), deque(requirement for group in required().values() for requirement in group), set[str]()
    while todo:
        requirement = todo.popleft()
        extras = ("", *requirement.extras)
        if (requirement.marker and not requirement.marker.evaluate()) or f"{requirement.name}{extras}" in seen:
            continue
        seen.add(f"{requirement.name}{extras}")
        assert canonicalize_name(requirement.name) in pins, f"{requirement.name} has no pin: run `make constraints`"
        below = [Requirement(line) for line in importlib.metadata.requires(requirement.name) or []]
        todo.extend(line for line in below if not line.marker or any(line.marker.evaluate({"extra": extra}) for extra in extras))
    assert len(seen) > len(required())


def test_pins_name_no_place_to_download_from() -> None:
    assert not re.findall(r"://|@|^-", (ROOT / "constraints.txt").read_text(encoding="utf-8"), flags=re.MULTILINE)


LOCKFILES = [path for path in ROOT.glob("fixtures/**/package-lock.json") if "node_modules" not in path.parts]


@pytest.mark.parametrize("lockfile", LOCKFILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_lockfiles_name_no_place_to_download_from(lockfile: Path) -> None:
    packages = json.loads(lockfile.read_text(encoding="utf-8"))["packages"]
    assert packages
    assert [name for name, entry in packages.items() if "://" in entry.get("resolved", "")] == []
