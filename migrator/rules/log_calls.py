"""Calls that write a line for people to read, by how they are written."""

from __future__ import annotations

import re

from migrator.regex import regex

#: matches the callee: a method of something called log, or `print`
WRITES_A_LOG = regex(r"(?:^|\.)_?(?:log|logger|logging|console)\.\w+$|^print$", re.IGNORECASE)
