"""Agenda 4 to 6."""

from __future__ import annotations

from migrator.jobs import Backoff
from migrator.systems.facts import RetryFacts, System

SYSTEM = System(
    name="agenda",
    title="Agenda",
    languages=("typescript", "javascript"),
    npm=("agenda", "@hokify/agenda", "@agendajs/mongo-backend", "@agendajs/postgres-backend", "@agendajs/redis-backend", "agendash"),
    environment=("AGENDA_*",),
    retry=RetryFacts(option="", counts="executions", default=1, automatic=False, backoff=Backoff("none")),
    time_unit="ms",
    priority="higher sooner",
    default_timezone="local",
    acknowledgement="late",
    source="agenda 6, its types",
)
