"""What waits in a server until the collector comes for it: how much, and where. The same in every language that records."""

from __future__ import annotations

#: entries that may wait, and events in one: what a process cannot put there waits on its disk
ENTRIES, LINES = 10_000, 100
#: where they wait in Postgres
TABLE = (
    "CREATE TABLE IF NOT EXISTS migrator_events"
    " (position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, experiment text NOT NULL, lines bytea NOT NULL, ended bytea)"
)


class Full(Exception):  # noqa: N818 - a state of the world
    """Nobody takes events out."""
