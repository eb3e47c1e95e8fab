"""Synchronous code that could be a job: request handlers that do what a user need not wait for."""

from migrator.scanners.candidates.finding import find_candidates

__all__ = ["find_candidates"]
