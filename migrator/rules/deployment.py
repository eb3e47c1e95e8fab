"""Files that set up what runs, told apart by what they are for."""

from __future__ import annotations

import posixpath
from typing import Literal as OneOf

from migrator.regex import regex

_WORDS = regex(r"[a-z]+")
_ELSEWHERE = frozenset(("dev", "devel", "development", "local", "test", "tests", "testing", "ci", "override", "example", "sample", "dist"))
_ELSEWHERE_TOO = frozenset(("template", "e2e", "staging", "inngest", "debug", "devcontainer"))
_PRODUCTION = frozenset(("prod", "production", "live", "deploy", "release"))
#: files by which a platform is told what to run; nobody has them for a machine of one's own
_PLATFORMS = regex(r"^(?:fly(?:\.[\w-]+)?\.toml|netlify\.toml|render\.ya?ml|railway\.toml|app\.ya?ml|Procfile|captain-definition)$")

Stage = OneOf["production", "elsewhere", "unclear"]


def stage(path: str) -> Stage:
    """For which machines a file is, by its name and folders.

    >>> stage("docker-compose.dev.yml"), stage(".env.production"), stage("docker-compose.yml"), stage("deploy/prod/worker.yaml")
    ('elsewhere', 'production', 'unclear', 'production')
    """
    words = set(_WORDS.findall(path.lower()))
    if words & (_ELSEWHERE | _ELSEWHERE_TOO):
        return "elsewhere"
    name = posixpath.basename(path)
    return "production" if words & _PRODUCTION or _PLATFORMS.match(name) or name.startswith("Dockerfile") else "unclear"
