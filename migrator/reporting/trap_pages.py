"""The pages of traps, one for each file of them, and the list of all moves."""

from __future__ import annotations

from pathlib import Path

from migrator.codemods import WRITERS
from migrator.reporting.audit_words import title
from migrator.reporting.system_words import crossings, listed
from migrator.systems import CAPABILITIES, SYSTEMS
from migrator.systems.trap import Handling, Scope, Trap
from migrator.systems.traps import TrapGroup, studied, trap_groups, traps_between

HANDLINGS: dict[Handling, str] = {
    "automatic": "A rewrite can take care of it.",
    "helper": "A rewrite can take care of it with a few lines of generated code.",
    "human": "A person has to look.",
}
_BY_HAND = "`migrate codemod` cannot make this move yet: what is said of a rewrite is what to do by hand."
_SCOPES: dict[Scope, str] = {
    "job": "every job",
    "application": "the application as a whole",
    "code": "jobs whose code is written so",
}


def trap_page(trap: Trap, level: int = 1) -> str:
    """What a trap is about, in Markdown, under a heading of that level."""
    about = f"jobs that need “{CAPABILITIES[trap.capability].title}”" if trap.capability else _SCOPES[trap.scope]
    if trap.capability and trap.scope == "application":
        about = f"{_SCOPES['application']}, where jobs need “{CAPABILITIES[trap.capability].title}”"
    lines = [
        f"{'#' * level} {trap.id} {trap.title}",
        "",
        f"From {listed(trap.sources) or 'any system'} to {listed(trap.targets) or 'any other'}. Meets {about}. {HANDLINGS[trap.handling]}",
        "",
        trap.explanation,
        "",
        f"```{_language(trap)}",
        trap.example.strip("\n"),
        "```",
        "",
    ]
    if trap.handling != "human" and trap.sources and trap.targets and not _rewritten(trap):
        lines += [_BY_HAND, ""]
    if trap.refines:
        lines += [f"Says more exactly what {trap.refines} says of more systems.", ""]
    return "\n".join(lines)


def _rewritten(trap: Trap) -> bool:
    return any((source, target) in WRITERS for source in trap.sources for target in trap.targets)


def _language(trap: Trap) -> str:
    example = trap.example.strip()
    if any(line.lstrip().startswith(("//", "await ", "const ", "{ ", "import {", "serve(")) for line in example.splitlines()):
        return "ts"
    python = any("python" in SYSTEMS[name].languages and name not in ("inngest", "bullmq") for name in trap.sources)
    return "python" if python else "ts"


def group_page(group: TrapGroup) -> str:
    """All traps of one file."""
    return f"# {group.title}\n\n" + "\n".join(trap_page(trap, 2) for trap in group.traps)


def trap_list() -> str:
    """Every page of traps, and how many traps lie between each two systems whose traits are known."""
    pages = [f"| [{g.title}](./{g.slug}.md) | {g.traps[0].id} to {g.traps[-1].id} | {len(g.traps)} |" for g in trap_groups()]
    systems = [name for name, system in SYSTEMS.items() if system.capabilities]
    own = [(a, b) for a in systems for b in systems if studied(a, b)]
    moves = [f"| {title(a)} | {title(b)} | {' | '.join(str(n) for n in crossings(a, b))} | {_codes(a, b)} |" for a, b in own]
    return (
        "# Traps\n\nWhat changes meaning on the way from one job system to another. Made by `make facts`.\n\n"
        "| page | ids | traps |\n|---|---|--:|\n" + "\n".join(pages) + "\n\n## Moves with traps of their own\n\n"
        "Traps of more than one pair are counted too. Form of code: what only a rewrite can tell. Moves that are not listed have not been "
        "looked at on their own: only what holds for many is known of them.\n\n"
        "| from | to | automatic | with a helper | for a person | form of code |\n|---|---|--:|--:|--:|--:|\n" + "\n".join(moves) + "\n"
    )


def _codes(source: str, target: str) -> int:
    return sum(trap.scope == "code" for trap in traps_between(source, target))


def write_trap_pages(folder: Path) -> None:
    """Write every page and the list into `folder`, and remove the pages that are gone."""
    write_folder(folder, trap_pages())


def trap_pages() -> dict[str, str]:
    """File name -> page."""
    return {"README.md": trap_list(), **{f"{group.slug}.md": group_page(group) for group in trap_groups()}}


def write_folder(folder: Path, pages: dict[str, str]) -> None:
    """Write generated pages into a folder that holds nothing else, and remove those that are gone."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")
    for old in folder.glob("*.md"):
        if old.name not in pages:
            old.unlink()
