"""Calls that write a line for people to read, by how they are written."""

from __future__ import annotations

import re

#: matches the callee: a method of something called log, or `print`
WRITES_A_LOG = re.compile(r"(?:^|\.)_?(?:log|logger|logging|console)\.\w+$|^print$", re.IGNORECASE)
