"""What the demo says while it works: numbered steps, the commands that it types, and a look at what they answer."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

#: how much of a long answer is shown
LINES = 24


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
        for sentence in sentences:
            self.console.print(sentence, style="default")
        self.console.print(f"({seconds} s so far)", style="dim")

    def say(self, text: str) -> None:
        """One sentence."""
        self.console.print(text)

    def run(
        self, *command: str, folder: Path, environment: Mapping[str, str] | None = None, fine: tuple[int, ...] = (0,), show: int = LINES
    ) -> str:
        """Type a command, show the beginning of what it answers, and stop the demo if it fails.

        `migrate` is the one of this Python. Progress goes straight to the terminal.
        """
        self.console.print(Text.assemble(("$ ", "green"), (" ".join(command), "bold")))
        program = [str(Path(sys.executable).with_name("migrate")), *command[1:]] if command[0] == "migrate" else list(command)
        done = subprocess.run(
            program, cwd=folder, env={**os.environ, **(environment or {})}, stdout=subprocess.PIPE, text=True, check=False
        )
        lines = done.stdout.rstrip().splitlines()
        for line in lines[:show]:
            self.console.print(Padding(Text(line, style="dim"), (0, 0, 0, 2), expand=False), soft_wrap=True)
        if len(lines) > show:
            self.console.print(f"  … {len(lines) - show} more lines", style="dim italic")
        if done.returncode not in fine:
            self.console.print(f"The command ended with {done.returncode}; the demo stops here.", style="bold red")
            sys.exit(done.returncode)
        return done.stdout
