"""Measure the audit on real repositories with hand-checked truth and write the table into `docs/corpus.md`.

    python -m benchmarks.corpus --corpus FOLDER --trees FOLDER

`--corpus` holds `trees.tsv`, `truth/` and the program `score`; `--trees` holds the repositories, laid out one folder a tree.
Neither is part of this project.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "corpus.md"
_ROW = re.compile(r"^  (\w+)\s+truth\s+(\d+)\s+found\s+(\d+)\s+recall\s+(\S+)\s+wrong\s+(\d+)\s+precision\s+(\S+)")
_NAMED = re.compile(r"^      (missed|wrong|system)\s+(.+)$")
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def audit(tree: Path, out: Path) -> None:
    """Run the command as a user would."""
    program = [str(Path(sys.executable).with_name("migrate")), "audit", str(tree), "--format", "json", "--output", str(out)]
    subprocess.run(program, check=True)


def table(text: str) -> list[str]:
    """The scorer's lines as a Markdown table and a list of misses."""
    lines = ["| tree | kind | in truth | found | recall | wrong | precision |", "|---|---|---:|---:|---:|---:|---:|"]
    named: list[str] = []
    tree = ""
    for line in text.splitlines():
        row, name = _ROW.match(line), _NAMED.match(line)
        if row:
            kind, truth, found, recall, wrong, precision = (cell.replace("nan", "–") for cell in row.groups())
            lines.append(f"| {tree} | {kind} | {truth} | {found} | {recall} | {wrong} | {precision} |")
        elif name:
            named.append(f"- {name.group(1)} `{tree}` {name.group(2)}")
        elif line.startswith("mean over"):
            lines += ["", line.strip()]
        elif line and not line.startswith(" "):
            tree = line.strip()
    return [*lines, "", "### Named one by one", "", *(named or ["Nothing missed, nothing wrong."])]


def main() -> None:
    """Audit every tree that is there, score, and put the result between the two marks of the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--trees", type=Path, required=True)
    parser.add_argument("tree", nargs="*", help="only these")
    given = parser.parse_args()
    known = [line.split("\t")[0] for line in (given.corpus / "trees.tsv").read_text().splitlines() if line and not line.startswith("#")]
    # Some trees are there to be read, without a list of what is in them.
    told = {file.stem for file in (given.corpus / "truth").glob("*.jsonl")}
    wanted = [t for t in known if t in told and (given.trees / t).is_dir() and (not given.tree or t in given.tree)]
    with tempfile.TemporaryDirectory() as folder:
        pairs = []
        for name in wanted:
            print(f"audit {name}", file=sys.stderr)
            audit(given.trees / name, Path(folder) / f"{name}.json")
            pairs.append(f"{name}={folder}/{name}.json")
        scored = subprocess.run([sys.executable, str(given.corpus / "score"), "-v", *pairs], check=True, capture_output=True, text=True)
    page = PAGE.read_text(encoding="utf-8")
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    PAGE.write_text(before + "\n".join([BEGIN, *table(scored.stdout), END]) + after, encoding="utf-8")


if __name__ == "__main__":
    main()
