"""Folders that Python code of the tree adds to where modules are looked for: `sys.path.append(os.path.join(BASE_DIR, "apps"))`."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator

from migrator.regex import regex

_ADDED = regex(rb"^[ \t]*sys\.path\.(?:append|insert)\([ \t]*(?:\d+[ \t]*,)?([^\n]*)\)", re.MULTILINE)
_NAME = regex(rb"[A-Za-z_]\w*")
_TEXT = regex(rb"[\"']([\w./-]+)[\"']")


def added_folders(path: str, data: bytes, folders: Collection[str]) -> Iterator[str]:
    """Those of the `folders` of a tree that the file `path` adds: named by a text, from the file's own folder or one above it.

    What is written without a text (`os.path.dirname(__file__)`) is a folder above, where modules are looked for anyway.

    >>> data = b'APPS = os.path.join(BASE, "apps")\\nsys.path.append(APPS)\\nsys.path.insert(0, "../lib")\\nsys.path.append(HOME)\\n'
    >>> list(added_folders("config/settings/base.py", data, {"apps", "config/lib", "lib"}))
    ['apps', 'config/lib']
    """
    for told in _ADDED.finditer(data) if b"sys.path." in data else ():
        written = told[1].strip()
        if _NAME.fullmatch(written):
            assigned = re.search(rb"^[ \t]*%s[ \t]*(?::[^=\n]*)?=([^\n]*)" % re.escape(written), data, re.MULTILINE)
            written = assigned[1] if assigned is not None else b""
        below = "/".join(text.decode() for text in _TEXT.findall(written))
        folder = posixpath.dirname(path)
        while below:
            named = posixpath.normpath(f"{folder}/{below}" if folder else below)
            if named in folders:
                yield named
                break
            if not folder:
                break
            folder = posixpath.dirname(folder)
