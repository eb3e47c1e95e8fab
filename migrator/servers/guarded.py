"""A process that cannot outlive the one that wants it: it runs under a guard (see `guard.py`) in a private folder that goes with it."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from migrator.errors import MigratorError
from migrator.servers import guard
from migrator.servers.account import Account, common_temp_folder

#: Seconds between two attempts to reach a server that is starting.
INTERVAL = 0.05
#: Lines of a server's log that an error shows.
TAIL = 12


class NotReadyError(MigratorError):
    """The process ended early or did not answer in time; `log` is the end of what it said."""

    def __init__(self, cause: str, log: str) -> None:
        self.log = log
        super().__init__(f"{cause}\n{log}" if log else cause)


class Guarded:
    """A context: inside it `folder` exists, and `run` has a process that lives until the context, or this process, ends."""

    def __init__(self, name: str, account: Account | None = None) -> None:
        self.name = name
        self._account = account

    def __enter__(self) -> Guarded:
        self.folder = Path(tempfile.mkdtemp(prefix=f"migrator-{self.name}-", dir=common_temp_folder() if self._account else None))
        # From here on the guard answers for the folder, so it is started before anything is put there.
        with (self.folder / "guard").open("wb") as complaints:
            self._guard = subprocess.Popen(
                [sys.executable, "-I", "-S", guard.__file__, str(self.folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=complaints,
                start_new_session=True,
            )
        try:
            self._give(self.folder)
        except BaseException:
            self._end()
            raise
        return self

    def write(self, name: str, text: str) -> Path:
        """Puts a file into the folder that only the server's account can read."""
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
        self._give(path)
        return path

    def run(self, commands: Sequence[Sequence[str]], *, environ: dict[str, str], stop: signal.Signals) -> None:
        """Runs the commands in order; the last is the process to keep. `stop` is the signal that ends it quickest."""
        order = {
            "folder": str(self.folder),
            "commands": [[str(word) for word in command] for command in commands],
            "environ": environ,
            "stop": int(stop),
            "uid": self._account.uid if self._account else None,
            "gid": self._account.gid if self._account else None,
        }
        self._tell(json.dumps(order))

    def wait(self, refusal: Callable[[], str | None], deadline: float) -> None:
        """Returns once `refusal()` is None; raises NotReadyError when the process ends first or `deadline` seconds have passed."""
        until = time.monotonic() + deadline
        while (reason := refusal()) is not None:
            if (ended := self.ended()) is not None:
                raise NotReadyError(ended, self.log())
            if time.monotonic() > until:
                raise NotReadyError(f"no answer within {deadline:g} seconds ({reason})", self.log())
            time.sleep(INTERVAL)

    def ended(self) -> str | None:
        """How the process ended, in words; None while it runs."""
        with contextlib.suppress(FileNotFoundError):
            if how := (self.folder / "ended").read_text(encoding="utf-8"):
                return how
        if self._guard.poll() is not None:
            return f"its guard ended with status {self._guard.returncode}"
        return None

    def log(self) -> str:
        """The last lines that the process wrote."""
        lines: list[str] = []
        for name in ("guard", "log"):
            with contextlib.suppress(OSError):
                lines += (self.folder / name).read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(f"  | {line}" for line in lines[-TAIL:])

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._end()

    def _end(self) -> None:
        self._tell("stop")
        if self._guard.stdin:
            with contextlib.suppress(OSError):
                self._guard.stdin.close()
        self._guard.wait()

    def _give(self, path: Path) -> None:
        if self._account:
            self._account.give(path)

    def _tell(self, line: str) -> None:
        # A guard that is gone is noticed by `ended`; there is nobody to tell.
        with contextlib.suppress(OSError, ValueError):
            if self._guard.stdin:
                self._guard.stdin.write(line.encode() + b"\n")
                self._guard.stdin.flush()
