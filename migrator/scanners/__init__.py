"""Source tree -> Inventory. Reads code, never runs it."""

from migrator.scanners.scan import scan

__all__ = ["scan"]
