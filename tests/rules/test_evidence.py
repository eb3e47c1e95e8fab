"""What rules look at: files by what their code says, not by what their comments mention."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from migrator.rules.evidence import Evidence
from migrator.scanners import scan


def evidence(root: Path, files: Mapping[str, str]) -> Evidence:
    for name, text in files.items():
        (root / name).write_text(text)
    return Evidence(scan(root), root)


FILES = {
    "said.py": "redlock()\n",
    "behind_code.py": "x = 1  # redlock\n",
    "above.py": "# redlock\nx = 1\n",
    "a_mark_in_a_text.py": 'redlock("#")\ny = "#"; redlock()\n',
    "said.ts": "redlock();\n",
    "line.ts": "go(); // redlock\n",
    "block.ts": "/*\n * redlock\n */\ngo();\n",
    "after_a_block.ts": "/* x */ redlock();\n",
    "address.ts": 'redlock("https://a");\n',
    "behind_an_address.ts": 'const a = "https://a"; redlock(a);\n',
}
SAY_IT = {"said.py", "a_mark_in_a_text.py", "said.ts", "after_a_block.ts", "address.ts", "behind_an_address.ts"}


def test_what_a_comment_mentions_is_not_said(tmp_path: Path) -> None:
    found = evidence(tmp_path, FILES)
    assert set(found.containing(b"redlock", b"not there")) == SAY_IT
    assert set(found.containing(b"redlock", comments=True)) == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_code_has_its_places_and_no_comments(tmp_path: Path, name: str) -> None:
    code = evidence(tmp_path, FILES).code(name)
    assert len(code) == len(FILES[name].encode())
    assert [i for i, byte in enumerate(code) if byte == 10] == [i for i, byte in enumerate(FILES[name].encode()) if byte == 10]
    assert (b"redlock" in code) == (name in SAY_IT)


@pytest.mark.parametrize("name", FILES)
def test_where_something_is_said(tmp_path: Path, name: str) -> None:
    text = FILES[name]
    match = evidence(tmp_path, FILES).said(name, re.compile(rb"redlock\b(?:\(.*\))?"))
    assert (match is not None) == (name in SAY_IT)
    assert match is None or text.encode()[match.start() : match.end()] == match[0]


def test_what_a_match_takes_out_of_a_comment_is_not_said(tmp_path: Path) -> None:
    found = evidence(tmp_path, {"a.ts": "go(); // redlock\n", "a.py": "go()  # redlock\n"})
    assert [found.said(path, re.compile(rb"go\(.*redlock")) for path in ("a.ts", "a.py")] == [None, None]


def test_files_are_parsed_only_where_a_comment_may_say_it(tmp_path: Path) -> None:
    found = evidence(tmp_path, {"glob.py": 'paths = "jobs/*"\nredlock()\n', "plain.ts": "/* x */\nredlock();\n", "never.py": "# x\n"})
    assert found.containing(b"redlock", b"x = 1") == ("glob.py", "plain.ts")
    assert found.code.cache_info().misses == 0
