"""Real packages for rewritten applications: those that the articles application has."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from migrator.servers import node
from tests.fixtures.articles import installed

#: packages that the tests need, and what types they need
_NEEDED = ("bullmq", "ioredis", "typescript", "tsx", "zod", "@types", "undici-types")
_STRICT = {
    "target": "ES2022",
    "lib": ["ES2022", "DOM"],
    "module": "esnext",
    "moduleResolution": "bundler",
    "strict": True,
    "noUncheckedIndexedAccess": True,
    "exactOptionalPropertyTypes": True,
    "noPropertyAccessFromIndexSignature": True,
    "noImplicitOverride": True,
    "noUnusedLocals": True,
    "noUnusedParameters": True,
    "verbatimModuleSyntax": True,
    "isolatedModules": True,
    "noEmit": True,
    "skipLibCheck": True,
    "types": ["node"],
}


def with_modules(root: Path, *, inngest: int = 3) -> None:
    """Give a tree its packages, with this version of Inngest's SDK."""
    source = installed()
    modules = root / "node_modules"
    modules.mkdir(exist_ok=True)
    for name in _NEEDED:
        if (source / "node_modules" / name).exists():
            (modules / name).symlink_to(source / "node_modules" / name)
    own = source if inngest == 4 else source / "packages/legacy-mailer"
    (modules / "inngest").symlink_to(own / "node_modules/inngest")


def type_errors(root: Path, strict: bool = False) -> str:
    """What the TypeScript compiler says of a tree, with its own settings or the strictest."""
    if strict:
        (root / "tsconfig.json").write_text(json.dumps({"compilerOptions": _STRICT, "include": ["src"]}))
    compiler = root / "node_modules/typescript/bin/tsc"
    command = [str(node().executable), str(compiler), "--noEmit", "--project", str(root)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=root).stdout
