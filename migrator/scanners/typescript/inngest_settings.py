"""Where code reads Inngest's environment variables."""

from __future__ import annotations

from migrator.jobs import Setting
from migrator.regex import regex
from migrator.scanners.reading import View
from migrator.syntax.source import span
from migrator.systems.inngest import SYSTEM

_READ = regex(
    r"""^(?:process\.env|import\.meta\.env|Bun\.env)(?:\??\.|(?:\?\.)?\[["'])(INNGEST_[A-Z0-9_]+)|^Deno\.env\.get\(["'](INNGEST_[A-Z0-9_]+)"""
)


def settings(view: View) -> None:
    """`process.env.INNGEST_…` and its kin."""
    if b"INNGEST_" not in view.source.data:
        return
    for node in view.source.nodes("member_expression", "subscript_expression", "call_expression"):
        match = _READ.match(view.source.text(node))
        if match:
            name = match[1] or match[2]
            view.add(Setting(**view.common(SYSTEM.name, view.source.location(node)), name=name, entry=span(node)))
