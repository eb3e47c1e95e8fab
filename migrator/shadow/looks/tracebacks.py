"""Type and message of an error, out of the text that Python systems store."""

from __future__ import annotations

import ast
import re


def last_error(text: str) -> tuple[str | None, str | None]:
    """Of a traceback the error that ended it; of anything else the text as the message.

    >>> last_error('Traceback (most recent call last):\\n  File "x", line 1, in f\\n    g()\\nValueError: no title')
    ('ValueError', 'no title')
    >>> last_error("Traceback (most recent call last):\\n  File …\\napp.errors.Gone")
    ('Gone', '')
    >>> last_error("Work-horse terminated unexpectedly; waitpid returned 9")
    (None, 'Work-horse terminated unexpectedly; waitpid returned 9')
    """
    lines = text.strip().splitlines()
    if not lines:
        return None, None
    indented = [number for number, line in enumerate(lines) if line.startswith("  ")]
    if not text.lstrip().startswith("Traceback") or not indented:
        return None, text.strip()
    ending = "\n".join(lines[indented[-1] + 1 :])
    found = re.match(r"([A-Za-z_][\w.]*)(?:: (.*))?$", ending, re.DOTALL)
    return (found[1].rpartition(".")[2], found[2] or "") if found else (None, ending or None)


def error_of_repr(text: str) -> tuple[str | None, str]:
    """Type and message of an error that was stored as its `repr`.

    >>> error_of_repr("ValueError('no title')")
    ('ValueError', 'no title')
    >>> error_of_repr("Gone(404, 'no title')")
    ('Gone', "404, 'no title'")
    >>> error_of_repr("<Gone: no title>")
    (None, '<Gone: no title>')
    """
    found = re.fullmatch(r"([A-Za-z_][\w.]*)\((.*)\)", text, re.DOTALL)
    if found is None:
        return None, text
    try:
        value = ast.literal_eval(found[2].removesuffix(","))
    except (ValueError, SyntaxError):
        value = None
    return found[1].rpartition(".")[2], value if isinstance(value, str) else found[2]
