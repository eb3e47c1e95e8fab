"""The page of a rule, and the list of all, made from the rules themselves."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from migrator.live.check import LiveCheck, checks
from migrator.live.limits import LiveSettings
from migrator.reporting.audit_words import title
from migrator.reporting.pages import environment
from migrator.rules.registry import rules
from migrator.rules.rule import Rule

_LANGUAGES = {
    ".py": "python",
    ".ts": "ts",
    ".tsx": "tsx",
    ".js": "js",
    ".yml": "yaml",
    ".yaml": "yaml",
    ".json": "json",
    ".sql": "sql",
    ".toml": "toml",
}
_FIXES = {
    "safe": "A rewrite could do it without changing what the code means.",
    "unsafe": "A rewrite could propose it; whether it is right depends on what the code cannot show.",
    "none": "It is for people to decide.",
}
_PER = {"place": "for each place", "queue": "for each queue", "project": "once"}


def rule_page(rule: Rule) -> str:
    """The rule's page in Markdown."""
    effort = rule.effort
    return (
        environment()
        .get_template("rule.md.jinja")
        .render(
            rule=rule,
            systems=", ".join(title(name) for name in rule.systems) or "every system",
            title=title,
            language=lambda path: _LANGUAGES.get(PurePosixPath(path).suffix, ""),
            comment=lambda path: {".ts": "//", ".tsx": "//", ".js": "//", ".sql": "--", ".json": "//"}.get(PurePosixPath(path).suffix, "#"),
            fix=_FIXES[rule.fix],
            effort=f"Effort: {effort.low} to {effort.high} minutes {_PER[effort.per]} ({effort.basis}).",
        )
    )


def live_page(check: LiveCheck) -> str:
    """The page of a live check in Markdown."""
    settings = LiveSettings()
    limits = [(name.replace("_", "-"), getattr(settings, name) or "none") for name in check.limits]
    return environment().get_template("live_check.md.jinja").render(check=check, limits=limits)


def rule_list() -> str:
    """The list of all rules and live checks in Markdown."""
    rows = [f"| [{r.id}]({r.id}.md) | {r.name} | {r.severity} | {r.title}{' (preview)' if r.tier == 'preview' else ''} |" for r in rules()]
    head = "# Rules\n\nWhat `migrate audit` looks for in the jobs as they are. Made from the rules by `make rules`.\n\n"
    table = "| rule | name | severity | |\n|---|---|---|---|\n"
    live = [f"| [{c.id}]({c.id}.md) | {c.name} | {c.severity} | {c.title} |" for c in checks()]
    more = "\n## Live checks\n\nWhat `migrate audit --live URL` looks for at [running servers](../live.md).\n\n"
    return head + table + "\n".join(rows) + "\n" + more + table.replace("rule", "check") + "\n".join(live) + "\n"


def write_pages(folder: Path) -> None:
    """Write every page and the list into `folder`, and remove the pages of rules that are gone."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = {"README.md": rule_list(), **{f"{rule.id}.md": rule_page(rule) for rule in rules()}}
    pages |= {f"{check.id}.md": live_page(check) for check in checks()}
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")
    for old in (*folder.glob("JOB*.md"), *folder.glob("LIV*.md")):
        if old.name not in pages:
            old.unlink()
