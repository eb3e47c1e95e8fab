"""Exact tests for tables of two by two too small for any approximation; each gives a p-value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, cast

from scipy.stats import barnard_exact, boschloo_exact, fisher_exact

Side = Literal["two-sided", "less", "greater"]
Table = Sequence[Sequence[int]]


def fisher(table: Table, side: Side = "two-sided") -> float:
    """Both margins taken as given: conservative."""
    return float(cast("Any", fisher_exact(table, alternative=side)).pvalue)


def barnard(table: Table, side: Side = "two-sided") -> float:
    """Columns are the groups; only their totals are taken as given."""
    return float(barnard_exact(table, alternative=side).pvalue)


def boschloo(table: Table, side: Side = "two-sided") -> float:
    """Fisher's p-value as the statistic: never less powerful than Fisher's test."""
    return float(boschloo_exact(table, alternative=side).pvalue)
