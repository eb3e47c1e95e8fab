from __future__ import annotations

import re
from pathlib import Path

import pytest

from migrator.jobs import Location, Setting, Span
from migrator.reporting.excerpts import LINES, Excerpts


def item(path: str, line: int, end_line: int) -> Setting:
    return Setting(system="celery", language="python", name="x", location=Location(path, line, 0, end_line, Span(0, 1)))


def text(html: object) -> str:
    return re.sub(r"<[^>]+>", "", str(html))


def test_the_lines_of_an_item(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("".join(f"line_{n} = '<{n}>'\n" for n in range(1, 50)))
    excerpt = Excerpts(tmp_path).of(item("a.py", 3, 5))
    assert excerpt is not None
    assert (excerpt.first, excerpt.more) == (3, 0)
    assert text(excerpt.html).split("\n")[:3] == [f"line_{n} = '&lt;{n}&gt;'" for n in (3, 4, 5)]
    long = Excerpts(tmp_path).of(item("a.py", 2, 40))
    assert long is not None
    assert long.more == 39 - LINES
    assert text(long.html).count("line_") == LINES


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("a.py", "app = Celery(broker='redis://:hunter2@cache/0')"),
        ("a.py", "connect(password='hunter2')"),
        ("a.ts", 'new Client({ token: "hunter2" });'),
        ("a.ts", "const options = { signingKey: `hunter2` };"),
        ("compose.yml", "      DB_PASSWORD: hunter2"),
        ("compose.yml", "      - DB_PASSWORD=hunter2"),
        ("Dockerfile", "ENV API_KEY=hunter2"),
    ],
)
def test_secrets_are_masked(tmp_path: Path, path: str, line: str) -> None:
    (tmp_path / path).write_text(f"{line}\n")
    excerpt = Excerpts(tmp_path).of(item(path, 1, 1))
    assert excerpt is not None
    assert "hunter2" not in text(excerpt.html)
    assert "•••" in text(excerpt.html)


@pytest.mark.parametrize("name", [".env", ".env.production", "prod.env"])
def test_values_of_the_environment_are_never_shown(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("CELERY_X=1\n")
    assert Excerpts(tmp_path).of(item(name, 1, 1)) is None
    assert Excerpts(tmp_path).around(name, 1) is None


def test_a_file_that_is_gone_or_shorter_has_no_lines(tmp_path: Path) -> None:
    assert Excerpts(tmp_path).of(item("gone.py", 1, 1)) is None
    (tmp_path / "a.py").write_text("x\n")
    assert Excerpts(tmp_path).of(item("a.py", 7, 9)) is None


def test_other_encodings(tmp_path: Path) -> None:
    (tmp_path / "wide.py").write_bytes("größe = 1\n".encode("utf-16"))
    (tmp_path / "marked.py").write_bytes(b"\xef\xbb\xbfx = '\xff'\n")
    assert "größe" in text(getattr(Excerpts(tmp_path).of(item("wide.py", 1, 1)), "html", ""))
    assert text(getattr(Excerpts(tmp_path).of(item("marked.py", 1, 1)), "html", "")).startswith("x = ")
