"""What Inngest's TypeScript SDK no longer knows, or never did; read and run with inngest 3.54.2 and 4.24.0."""

from __future__ import annotations

from migrator.systems.removed import Removed

REMOVED = (
    Removed(
        form="signature",
        names=("three arguments",),
        since=4,
        outcome="refused",
        effect="`createFunction` with a trigger of its own throws when the file is loaded",
        instead="`triggers` in the options: `createFunction({ id, triggers: { event } }, handler)`",
    ),
    Removed(
        form="import",
        names=("inngest.EventSchemas",),
        since=4,
        outcome="refused",
        effect="it is undefined, and `new` of it throws",
        instead="`eventType(name, { schema })`",
    ),
    Removed(
        form="import",
        names=("inngest.RetriableError",),
        since=0,
        outcome="refused",
        effect="it was never there: to throw it is a TypeError",
        instead="`RetryAfterError`, or any other error",
    ),
)
