"""A diff on its way to standard output: coloured on a terminal, byte for byte anywhere else."""

from __future__ import annotations

from rich.console import Console

from migrator.reporting.plain import visible

_HEADER, _HUNK, _ADDED, _REMOVED = "1", "36", "32", "31"


def for_output(diff: bytes, console: Console) -> bytes:
    """What to write to the stream of `console`."""
    if not console.is_terminal:
        return diff
    coloured = console.color_system is not None and not console.no_color
    text = visible(diff.decode("utf-8", "replace").replace("\r\n", "\n"))
    lines = text.split("\n")
    return "\n".join(_painted(lines) if coloured else lines).encode(console.encoding, "replace")


def _painted(lines: list[str]) -> list[str]:
    painted: list[str] = []
    header = True  # outside the header, `--- x` is a removed line
    for line in lines:
        header = line.startswith("diff --git ") or (header and not line.startswith("@@ "))
        first = line[:1]
        style = _HEADER if header else {"@": _HUNK, "+": _ADDED, "-": _REMOVED}.get(first, "")
        painted.append(f"\x1b[{style}m{line}\x1b[0m" if style and line else line)
    return painted
