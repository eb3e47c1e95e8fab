"""One file for each rule, named after its id and name, by which it is known before it is loaded. Dropping a file in is all it takes."""

from __future__ import annotations

#: rules that are off unless they are selected, until they have been right on real applications
PREVIEWS = frozenset(("JOB107", "JOB108", "JOB110", "JOB116", "JOB207", "JOB210", "JOB306", "JOB404", "JOB405", "JOB505", "JOB605"))
