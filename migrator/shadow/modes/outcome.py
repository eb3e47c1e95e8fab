"""Which way a job of a candidate went in the end: exactly one of these, for every job."""

from __future__ import annotations

from typing import Literal as OneOf

Label = OneOf["primary", "fallback_removed", "fallback_fenced", "failed_both"]
#: what each of them says
OUTCOMES: dict[Label, str] = {
    "primary": "the candidate took it up",
    "fallback_removed": "it was never in the candidate, or taken back from there: only the current arm has it",
    "fallback_fenced": "it may be in the candidate: the current arm has it as well, and whoever claims it runs it",
    "failed_both": "neither took it; the caller, or the log, was told",
}
