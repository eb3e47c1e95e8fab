"""Regular expressions that are made when they are first asked something.

There are hundreds of them and one audit asks a tenth: making them all took a fifth of the time that the command needs to begin.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


def regex(source: AnyStr, flags: int | re.RegexFlag = 0) -> re.Pattern[AnyStr]:
    """What `re.compile` gives, for the constants of a module; it is compiled at the first use.

    It has the methods and attributes of a pattern, but the functions of `re` do not take it for one.

    Raises:
        re.error: at the first use, where `source` is no regular expression; a test uses them all.
    """
    return cast("re.Pattern[AnyStr]", Regex(source, flags))


class Regex:
    """Stands for a pattern, and makes it when something is asked of it."""

    def __init__(self, source: str | bytes, flags: int | re.RegexFlag) -> None:
        self.pattern = source
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        made = re.compile(self.pattern, self._flags)
        vars(self).update({known: getattr(made, known) for known in dir(made) if not known.startswith("_")})
        return getattr(made, name)
