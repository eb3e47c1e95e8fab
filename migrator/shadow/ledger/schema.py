"""The tables of a ledger, as the steps that lead to them: version n is what the first n steps make."""

from __future__ import annotations

#: SQLite's `application_id` of a ledger ("MIGR"), by which a foreign database is told apart
APPLICATION_ID = 0x4D494752

STEPS = (
    """
    CREATE TABLE ledger (
        ledger_id TEXT NOT NULL,
        created_ns INTEGER NOT NULL
    );
    CREATE TABLE epoch (
        config_epoch INTEGER PRIMARY KEY,
        experiment TEXT NOT NULL,
        config_hash TEXT NOT NULL,
        config TEXT NOT NULL,
        started_ns INTEGER NOT NULL
    );
    CREATE TABLE arm (
        config_epoch INTEGER NOT NULL REFERENCES epoch,
        position INTEGER NOT NULL,
        arm TEXT NOT NULL,
        system TEXT NOT NULL,
        role TEXT NOT NULL,
        ranges TEXT NOT NULL,
        max_attempts INTEGER,
        slots INTEGER,
        transactional INTEGER NOT NULL,
        PRIMARY KEY (config_epoch, arm)
    );
    CREATE TABLE event (
        position INTEGER PRIMARY KEY,
        event_id TEXT NOT NULL UNIQUE,
        experiment TEXT NOT NULL,
        config_epoch INTEGER NOT NULL,
        job_key TEXT NOT NULL,
        unit_key TEXT NOT NULL,
        job_name TEXT NOT NULL,
        arm TEXT NOT NULL,
        role TEXT NOT NULL,
        kind TEXT NOT NULL,
        ts_ns INTEGER NOT NULL,
        clock TEXT NOT NULL,
        source TEXT NOT NULL,
        step TEXT NOT NULL,
        attempt INTEGER,
        mono_ns INTEGER,
        elapsed_ns INTEGER,
        until_ns INTEGER,
        host TEXT NOT NULL,
        pid INTEGER,
        err_type TEXT,
        err_message TEXT,
        native_id TEXT,
        bytes INTEGER,
        reason TEXT,
        label TEXT,
        boot_id TEXT NOT NULL,
        seq INTEGER NOT NULL
    );
    CREATE INDEX event_by_job ON event (arm, job_key);
    CREATE INDEX event_by_kind ON event (kind, arm);
    CREATE TABLE mark (
        position INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        ts_ns INTEGER NOT NULL,
        arm TEXT NOT NULL,
        text TEXT NOT NULL,
        data TEXT NOT NULL,
        boot_id TEXT NOT NULL
    );
    CREATE TABLE cursor (
        arm TEXT PRIMARY KEY,
        value TEXT NOT NULL
    );
    CREATE TRIGGER event_is_append_only_1 BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
    CREATE TRIGGER event_is_append_only_2 BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
    CREATE TRIGGER mark_is_append_only_1 BEFORE UPDATE ON mark BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
    CREATE TRIGGER mark_is_append_only_2 BEFORE DELETE ON mark BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
    """,
    # Numbers that a recorder gave to events which somebody else had reported before: they are not missing.
    """
    CREATE TABLE repeated (
        boot_id TEXT NOT NULL,
        seq INTEGER NOT NULL,
        PRIMARY KEY (boot_id, seq)
    ) WITHOUT ROWID;
    """,
    # Jobs of which sums and sketches are kept, and no events: an event may be removed once its job is one of these.
    """
    CREATE TABLE folded_job (
        arm TEXT NOT NULL,
        job_key TEXT NOT NULL,
        PRIMARY KEY (arm, job_key)
    ) WITHOUT ROWID;
    CREATE TABLE folded (
        position INTEGER PRIMARY KEY,
        arm TEXT NOT NULL,
        sums TEXT NOT NULL
    );
    CREATE TABLE folded_number (
        boot_id TEXT NOT NULL,
        last_seq INTEGER NOT NULL,
        events INTEGER NOT NULL
    );
    DROP TRIGGER event_is_append_only_2;
    CREATE TRIGGER event_is_append_only_2 BEFORE DELETE ON event
        WHEN NOT EXISTS (SELECT 1 FROM folded_job WHERE arm = OLD.arm AND job_key = OLD.job_key)
        BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
    CREATE TRIGGER folded_is_append_only_1 BEFORE UPDATE ON folded BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
    CREATE TRIGGER folded_is_append_only_2 BEFORE DELETE ON folded BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
    """,
)
VERSION = len(STEPS)
