"""Move an application's background jobs from one job system to another, and prove each step."""

__version__ = "0.1.0"
