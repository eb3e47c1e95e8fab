"""Levels that a user can name: how bad a finding is, how sure, and from which on the command says no."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """How bad, the worst first."""

    critical = "critical"
    high = "high"
    medium = "medium"
    low = "low"
    info = "info"


class Confidence(StrEnum):
    """How sure, the surest first."""

    certain = "certain"
    likely = "likely"
    possible = "possible"


class FailOn(StrEnum):
    """From which severity on the command says no; or never."""

    critical = "critical"
    high = "high"
    medium = "medium"
    low = "low"
    info = "info"
    never = "never"
