"""What the demo says while it works: numbered steps, the commands that it types, and a look at what they answer."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import dropwhile, islice
from pathlib import Path

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

#: how much of a long answer is shown
LINES = 24
INDENT = "  "
_DIFF_STYLES = {"+": "green", "-": "red", "@": "cyan"}


@dataclass
class Narrator:
    """Prints to the terminal and runs commands as a user would type them."""

    console: Console = field(default_factory=lambda: Console(highlight=False))
    began: float = field(default_factory=time.monotonic)
    step: int = 0

    def chapter(self, title: str, *sentences: str) -> None:
        """Open a step."""
        self.step += 1
        seconds = int(time.monotonic() - self.began)
        self.console.print()
        self.console.print(Rule(Text(f"{self.step}. {title}", style="bold"), characters="─", align="left", style="dim"))
        self.console.print(" ".join(sentences))
        self.console.print(f"({seconds} s so far)", style="dim")

    def say(self, text: str) -> None:
        """One sentence."""
        self.console.print(text)

    def run(
        self,
        *command: str,
        folder: Path,
        program: Path | None = None,
        environment: Mapping[str, str] | None = None,
        fine: tuple[int, ...] = (0,),
        show: int = LINES,
        brief: bool = False,
    ) -> None:
        """Type a command, show the beginning of what it answers, and stop the demo if it fails.

        `migrate` is the one of this Python; `program` is what the first word of another command stands for. What a command says on standard
        error goes straight to the terminal; with `brief`, for a report that the reader has just seen, only the last paragraph does.
        """
        self.console.print(Text.assemble(("$ ", "green"), (" ".join(command), "bold")), soft_wrap=True)
        first = program or (Path(sys.executable).with_name("migrate") if command[0] == "migrate" else Path(command[0]))
        done = subprocess.run(
            [str(first), *command[1:]],
            cwd=folder,
            env={**os.environ, "COLUMNS": str(self.console.width - len(INDENT)), **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if brief else None,
            text=True,
            check=False,
        )
        self.lines(done.stdout.rstrip().splitlines(), show)
        failed = done.returncode not in fine
        if brief:
            self.console.print(Text(done.stderr.rstrip() if failed else done.stderr.rstrip().rpartition("\n\n")[2]))
        if failed:
            self.console.print(f"The command ended with {done.returncode}; the demo stops here.", style="bold red")
            sys.exit(done.returncode)

    def lines(self, lines: list[str], show: int = LINES) -> None:
        """The first of some lines, and how many more there are."""
        for line in lines[:show]:
            self.console.print(Text(INDENT + line, style="dim"), soft_wrap=True)
        if len(lines) > show:
            self.console.print(f"{INDENT}… {len(lines) - show} more lines", style="dim italic")

    def glimpse(self, patch: Path, file: str, show: int = LINES) -> None:
        """What a patch does to one file, as far as it fits."""
        text = patch.read_text(encoding="utf-8").splitlines()
        found = dropwhile(lambda line: not line.startswith(f"+++ b/{file}"), text)
        self.console.print(f"For example, {file}:")
        for line in islice(found, 1, show + 1):
            if line.startswith("diff --git"):
                return
            self.console.print(Text(INDENT + line, style=_DIFF_STYLES.get(line[:1], "dim")), soft_wrap=True)
        self.console.print(f"{INDENT}…", style="dim italic")
