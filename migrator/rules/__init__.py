"""What is wrong with the jobs as they are: rules, each in a file of its own with its documentation."""

from migrator.rules.checking import check

__all__ = ["check"]
