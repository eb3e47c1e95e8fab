"""Where Python code reads Inngest's environment variables."""

from __future__ import annotations

from migrator.jobs import Setting
from migrator.regex import regex
from migrator.scanners.python.inngest_terms import SYSTEM
from migrator.scanners.reading import View
from migrator.syntax.source import span

_READ = regex(
    r"""^(?:os\.)?(?:environ\s*\[\s*|environ\.get\(\s*|getenv\(\s*)["'](INNGEST_[A-Z0-9_]+)["']|^(?:env|config)(?:\.\w+)?\(\s*["'](INNGEST_[A-Z0-9_]+)["']"""
)


def read_file(view: View) -> None:
    """`os.environ["INNGEST_…"]` and its kin."""
    if b"INNGEST_" not in view.source.data:
        return
    for node in view.source.nodes("subscript", "call"):
        match = _READ.match(view.source.text(node))
        if match:
            view.add(Setting(**view.common(SYSTEM, view.source.location(node)), name=match[1] or match[2], entry=span(node)))
