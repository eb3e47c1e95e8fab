"""A log of what happens to the rows of a job table, kept by a trigger, so that no attempt between two looks goes unseen.

The trigger notes only rows whose payload carries the marker of this ledger, and a failure in it never fails the application's statement.
The log works as a queue: rows are read, written to the ledger, then deleted. Reading by position instead would miss a transaction that
commits late with an early number.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
import psycopg
from psycopg import sql

from migrator.errors import MigratorError
from migrator.shadow.drivers.interface import MARKER
from migrator.shadow.postgres.connection import Connection

SCHEMA = "migrator_shadow"
BATCH = 5000
#: any constant will do: it keeps two programs from making the same objects at once
_LOCK = 5_231_771_904

_OBJECTS = (
    "CREATE SCHEMA IF NOT EXISTS migrator_shadow",
    """
    CREATE TABLE IF NOT EXISTS migrator_shadow.transition (
        id bigserial PRIMARY KEY,
        ledger text NOT NULL,
        arm text NOT NULL,
        at timestamptz NOT NULL,
        xid bigint NOT NULL,
        operation text NOT NULL,
        native_id text NOT NULL,
        job_key text NOT NULL,
        parent text,
        old_state text,
        new_state text,
        due timestamptz,
        error text
    )
    """,
    "ALTER TABLE migrator_shadow.transition ADD COLUMN IF NOT EXISTS holder text",
    # Arguments: ledger, arm, then columns: id, payload, state, due, error, parent (empty = there is none), then the word for completed, the
    # payload's field that holds the marker, and again columns: the one that may hold a job's key instead, and who has the row in hand.
    # Two arms may be in one table: a mark that says whose copy it is ("holder", else "arm") is only that arm's.
    # SECURITY DEFINER: the application's role need not know of our table. UTC: what a column without time zone is taken to mean.
    """
    CREATE OR REPLACE FUNCTION migrator_shadow.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog SET timezone = 'UTC' AS $note$
    DECLARE
        before jsonb;
        after jsonb;
        whole jsonb;
        payload jsonb;
        key text;
        owner text;
        problem text;
    BEGIN
        IF TG_OP <> 'INSERT' THEN before := to_jsonb(OLD); END IF;
        IF TG_OP <> 'DELETE' THEN after := to_jsonb(NEW); END IF;
        whole := coalesce(after, before);
        IF TG_OP = 'UPDATE' AND before ->> TG_ARGV[4] IS NOT DISTINCT FROM after ->> TG_ARGV[4]
            AND before ->> TG_ARGV[5] IS NOT DISTINCT FROM after ->> TG_ARGV[5] THEN
            RETURN NULL;
        END IF;
        payload := whole -> TG_ARGV[3];
        IF jsonb_typeof(payload) = 'string' THEN payload := (payload #>> '{}')::jsonb; END IF;
        IF payload -> TG_ARGV[9] ->> 'ledger' IS NOT DISTINCT FROM TG_ARGV[0] THEN
            key := payload -> TG_ARGV[9] ->> 'key';
            owner := coalesce(substring(payload -> TG_ARGV[9] ->> 'holder' FROM '^(.*):'), payload -> TG_ARGV[9] ->> 'arm');
            IF owner <> TG_ARGV[1] THEN RETURN NULL; END IF;
        ELSIF starts_with(whole ->> TG_ARGV[10], TG_ARGV[0] || '-') THEN key := whole ->> TG_ARGV[10];
        ELSE RETURN NULL; END IF;
        IF after ->> TG_ARGV[4] <> TG_ARGV[8] AND before ->> TG_ARGV[6] IS DISTINCT FROM after ->> TG_ARGV[6] THEN
            problem := left(after ->> TG_ARGV[6], 4000);
        END IF;
        INSERT INTO migrator_shadow.transition
            (ledger, arm, at, xid, operation, native_id, job_key, parent, old_state, new_state, due, error, holder)
        VALUES (TG_ARGV[0], TG_ARGV[1], clock_timestamp(), txid_current(), TG_OP, whole ->> TG_ARGV[2], key,
            whole ->> TG_ARGV[7], before ->> TG_ARGV[4], after ->> TG_ARGV[4], (after ->> TG_ARGV[5])::timestamptz, problem,
            before ->> TG_ARGV[11]);
        RETURN NULL;
    EXCEPTION WHEN OTHERS THEN
        RAISE WARNING 'migrator_shadow could not note a % on %: %', TG_OP, TG_TABLE_NAME, SQLERRM;
        RETURN NULL;
    END $note$
    """,
)


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """Where a table keeps what; empty = nowhere. `completed` is the state whose results are not to be taken for errors.

    `key`: a column that holds the job's key where the payload has no room for the marker; `holder`: who has the row in hand.
    """

    id: str
    payload: str
    state: str
    due: str = ""
    error: str = ""
    parent: str = ""
    completed: str = ""
    key: str = ""
    holder: str = ""


class Transition(msgspec.Struct, frozen=True, kw_only=True):
    """One change of one row. Times in microseconds since the epoch; states are the table's own words."""

    id: int
    at_us: int
    xid: int
    operation: str
    native_id: str
    job_key: str
    parent: str | None = None
    old_state: str | None = None
    new_state: str | None = None
    due_us: int | None = None
    error: str | None = None
    holder: str | None = None  #: who had the row in hand before the change


_FIELDS = tuple(f.name for f in msgspec.structs.fields(Transition))
_READ = sql.SQL(
    """
    SELECT id, (extract(epoch FROM at) * 1000000)::bigint, xid, operation, native_id, job_key, parent, old_state, new_state,
        (extract(epoch FROM due) * 1000000)::bigint, error, holder
    FROM migrator_shadow.transition
    WHERE ledger = %s AND arm = %s AND xid IN (
        SELECT xid FROM migrator_shadow.transition WHERE ledger = %s AND arm = %s ORDER BY id LIMIT {batch}
    )
    ORDER BY id
    """
).format(batch=sql.Literal(BATCH))


class TransitionLog:
    """The log of one table for one arm of one ledger."""

    def __init__(self, connection: Connection, table: sql.Composable, columns: Columns, *, ledger_id: str, arm: str) -> None:
        self._connection, self._table, self._columns = connection, table, columns
        self._ledger_id, self._arm = ledger_id, arm
        # Postgres cuts names at 63 bytes, so the arm's own name would not do.
        self._trigger = sql.Identifier(f"{SCHEMA}_{ledger_id}_{hashlib.sha256(arm.encode()).hexdigest()[:12]}")
        self._read: list[int] = []

    def begin(self) -> None:
        """Put trigger and log into the database; what is there already is left. Waits for no lock longer than a statement may take.

        Raises MigratorError where the role may not do that, or may not take it away again.
        """
        c = self._columns
        arguments = (self._ledger_id, self._arm, c.id, c.payload, c.state, c.due, c.error, c.parent, c.completed, MARKER, c.key, c.holder)
        trigger = sql.SQL(
            "CREATE OR REPLACE TRIGGER {name} AFTER INSERT OR UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION migrator_shadow.note({arguments})"
        ).format(name=self._trigger, table=self._table, arguments=sql.SQL(", ").join(map(sql.Literal, arguments)))
        statements: list[tuple[sql.SQL | sql.Composed, tuple[Any, ...] | None]] = [(sql.SQL("SELECT pg_advisory_xact_lock(%s)"), (_LOCK,))]
        statements += [(sql.SQL(text), None) for text in _OBJECTS]
        table = self._table.as_string()
        owner = sql.SQL(_IS_OWNER).format(table=sql.Literal(table))
        try:
            self._connection.script([*statements, (trigger, None), (owner, None)])
        except psycopg.errors.InsufficientPrivilege as error:
            raise MigratorError(
                f"this role may not put a trigger on {table}, or not take it away again: {str(error).splitlines()[0]}",
                place=self._connection.name,
                remedy="Use the role that owns the table, with the right to make a schema: GRANT CREATE ON DATABASE … TO …",
            ) from error

    def read(self) -> list[Transition]:
        """What is in the log, whole transactions at a time, in order."""
        name = (self._ledger_id, self._arm)
        try:
            rows = self._connection.rows(_READ, (*name, *name))
        except psycopg.errors.UndefinedTable as error:
            raise MigratorError(
                f"somebody has taken the schema {SCHEMA} out of the database: nothing is seen of the jobs any more",
                place=self._connection.name,
                remedy="Begin again: the trigger is then put back. What happened meanwhile is not known.",
            ) from error
        found = [Transition(**dict(zip(_FIELDS, row, strict=True))) for row in rows]
        self._read = [t.id for t in found]
        return found

    def forget(self) -> None:
        """Delete what was last read."""
        if self._read:
            self._connection.rows(sql.SQL("DELETE FROM migrator_shadow.transition WHERE id = ANY(%s)"), (self._read,))
            self._read = []

    def end(self) -> None:
        """Take the trigger out, and log and schema with the last one."""
        self._connection.script(
            [
                (sql.SQL("SELECT pg_advisory_xact_lock(%s)"), (_LOCK,)),
                (sql.SQL("DROP TRIGGER IF EXISTS {} ON {}").format(self._trigger, self._table), None),
                (sql.SQL(_DROP_WHEN_UNUSED), None),
            ]
        )


_IS_OWNER = """
DO $owner$ BEGIN
    IF NOT (SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = {table}::regclass) THEN
        RAISE insufficient_privilege USING MESSAGE = 'only the owner of a table can drop a trigger';
    END IF;
END $owner$
"""
_DROP_WHEN_UNUSED = """
DO $drop$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgfoid = to_regproc('migrator_shadow.note')) THEN
        DROP SCHEMA IF EXISTS migrator_shadow CASCADE;
    END IF;
END $drop$
"""
