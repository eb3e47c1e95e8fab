"""A small application on Inngest, to be varied by tests, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from migrator.codemods import load
from migrator.codemods.accounting import complete, undecided
from migrator.codemods.changes import ChangeSet
from migrator.codemods.edits import apply_edits
from migrator.codemods.files import file_changes
from migrator.scanners import scan

PACKAGE = '{\n  "name": "shop",\n  "type": "module",\n  "dependencies": { "express": "4", "inngest": "^3.40.0", "next": "15" }\n}\n'
CLIENT = 'import { Inngest } from "inngest";\n\nexport const inngest = new Inngest({ id: "shop" });\n'
SEND = 'import { inngest } from "./client";\n\nexport const go = () => inngest.send({ name: "a/x", data: { n: 1 } });\n'


def server(*names: str) -> str:
    """A server in Express that serves the named functions."""
    listed = ", ".join(names)
    return (
        'import express from "express";\nimport { serve } from "inngest/express";\nimport { inngest } from "./client";\n'
        f'import {{ {listed} }} from "./functions";\n\nconst app = express();\n'
        f'app.use("/api/inngest", serve({{ client: inngest, functions: [{listed}] }}));\napp.listen(3000);\n'
    )


def tree(functions: str, *names: str, **more: str) -> dict[str, str]:
    """The application with these functions, the named ones served. `more`: further files, or other texts of those that are there."""
    files = {
        "package.json": PACKAGE,
        "src/client.ts": CLIENT,
        "src/functions.ts": 'import { inngest } from "./client";\n' + functions,
        "src/go.ts": SEND,
        "src/server.ts": server(*names),
    }
    return {**files, **more}


def one(
    options: str = "",
    body: str = "async ({ event, step }) => step.run('a', () => event.data)",
    event: str = '"a/x"',
    *,
    symbol: str = "f1",
    name: str = "one",
) -> str:
    """The definition of a function."""
    return f'export const {symbol} = inngest.createFunction({{ id: "{name}"{options} }}, {{ event: {event} }}, {body});\n'


def two(options: str = ', debounce: { period: "5s" }', body: str = "async ({ event }) => console.log(event.data)") -> str:
    """Another function on the same event, which stays unless told otherwise."""
    return one(options, body, symbol="f2", name="two")


def defined(changes: ChangeSet, name: str = "one") -> tuple[str, str]:
    """Outcome and summary of what became of a function."""
    return next((d.outcome, d.summary) for d in changes.decisions if d.kind == "definition" and d.name == name)


def applied(text: str, changes: ChangeSet, path: str) -> str:
    """A file after the change."""
    return apply_edits(text.encode(), changes.by_file()[path], changes.decisions).decode()


@dataclass(frozen=True)
class Rewritten:
    """A tree after the rewrite."""

    root: Path
    changes: ChangeSet
    files: dict[str, str]

    def outcome(self, name: str = "one") -> tuple[str, str]:
        """Outcome and summary of what became of a function."""
        return defined(self.changes, name)

    @property
    def whole(self) -> bool:
        """True if the code says nothing of Inngest any more; comments of the generated files do."""
        return not any("inngest" in text for path, text in self.files.items() if "/jobs/" not in path)

    def manual(self) -> list[tuple[str, str]]:
        """(place, summary) of what a person has to see to."""
        return [(d.location.place, d.summary) for d in self.changes.decisions if d.safety == "manual"]


def rewrite(root: Path, files: Mapping[str, str] | None = None, *, unsafe: bool = False) -> Rewritten:
    """Rewrite a tree once (`check_rewrite` does it in all variants), see that all is accounted for, and that a second run does nothing.

    `files` None: the tree that stands at `root`, as an earlier run has left it.
    """
    for path, text in (files or {}).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    inventory = scan(root)
    changes = load("inngest", "bullmq")(inventory, root, unsafe=unsafe)
    assert not [d for d in undecided(changes, inventory) if d.kind != "reference"]
    for change in file_changes(changes, root):
        if change.after is None:
            (root / change.path).unlink()
        else:
            (root / change.path).parent.mkdir(parents=True, exist_ok=True)
            (root / change.path).write_bytes(change.after)
    again = file_changes(load("inngest", "bullmq")(scan(root), root, unsafe=unsafe), root)
    assert not again, f"a second run changes {again[0].path}"
    after = {
        p.relative_to(root).as_posix(): p.read_text() for p in sorted(root.rglob("*")) if p.is_file() and "node_modules" not in p.parts
    }
    return Rewritten(root, complete(changes, inventory), after)
