"""The tables of a ledger in Postgres, as the steps that lead to them: version n is what the first n steps make.

`{t}` stands before every name: the schema that one ledger has to itself.
"""

from __future__ import annotations

STEPS = (
    """
    CREATE TABLE {t}ledger (
        ledger_id text NOT NULL,
        created_ns bigint NOT NULL,
        version integer NOT NULL
    );
    CREATE TABLE {t}epoch (
        config_epoch bigint PRIMARY KEY,
        experiment text NOT NULL,
        config_hash text NOT NULL,
        config text NOT NULL,
        started_ns bigint NOT NULL
    );
    CREATE TABLE {t}arm (
        config_epoch bigint NOT NULL REFERENCES {t}epoch,
        position bigint NOT NULL,
        arm text NOT NULL,
        system text NOT NULL,
        role text NOT NULL,
        ranges text NOT NULL,
        max_attempts bigint,
        slots bigint,
        transactional integer NOT NULL,
        PRIMARY KEY (config_epoch, arm)
    );
    CREATE TABLE {t}event (
        position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        event_id text NOT NULL UNIQUE,
        experiment text NOT NULL,
        config_epoch bigint NOT NULL,
        job_key text NOT NULL,
        unit_key text NOT NULL,
        job_name text NOT NULL,
        arm text NOT NULL,
        role text NOT NULL,
        kind text NOT NULL,
        ts_ns bigint NOT NULL,
        clock text NOT NULL,
        source text NOT NULL,
        step text NOT NULL,
        attempt bigint,
        mono_ns bigint,
        elapsed_ns bigint,
        until_ns bigint,
        host text NOT NULL,
        pid bigint,
        err_type text,
        err_message text,
        native_id text,
        bytes bigint,
        reason text,
        label text,
        boot_id text NOT NULL,
        seq bigint NOT NULL
    );
    CREATE INDEX event_by_job ON {t}event (arm, job_key);
    CREATE INDEX event_by_kind ON {t}event (kind, arm);
    CREATE TABLE {t}mark (
        position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        kind text NOT NULL,
        ts_ns bigint NOT NULL,
        arm text NOT NULL,
        text text NOT NULL,
        data text NOT NULL,
        boot_id text NOT NULL
    );
    CREATE TABLE {t}cursor (
        arm text PRIMARY KEY,
        value text NOT NULL
    );
    CREATE TABLE {t}repeated (
        boot_id text NOT NULL,
        seq bigint NOT NULL,
        PRIMARY KEY (boot_id, seq)
    );
    CREATE FUNCTION {t}refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$BEGIN RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'integrity_constraint_violation'; END$$;
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {t}event FOR EACH ROW EXECUTE FUNCTION {t}refuse();
    CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {t}event EXECUTE FUNCTION {t}refuse();
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {t}mark FOR EACH ROW EXECUTE FUNCTION {t}refuse();
    CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {t}mark EXECUTE FUNCTION {t}refuse();
    """,
    # Jobs of which sums and sketches are kept, and no events: an event may be removed once its job is one of these.
    """
    CREATE TABLE {t}folded_job (
        arm text NOT NULL,
        job_key text NOT NULL,
        PRIMARY KEY (arm, job_key)
    );
    CREATE TABLE {t}folded (
        position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        arm text NOT NULL,
        sums text NOT NULL
    );
    CREATE TABLE {t}folded_number (
        boot_id text NOT NULL,
        last_seq bigint NOT NULL,
        events bigint NOT NULL
    );
    CREATE FUNCTION {t}refuse_unless_folded() RETURNS trigger LANGUAGE plpgsql AS
        $$BEGIN
            IF EXISTS (SELECT 1 FROM {t}folded_job WHERE arm = OLD.arm AND job_key = OLD.job_key) THEN RETURN OLD; END IF;
            RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'integrity_constraint_violation';
        END$$;
    DROP TRIGGER append_only ON {t}event;
    CREATE TRIGGER append_only BEFORE UPDATE ON {t}event FOR EACH ROW EXECUTE FUNCTION {t}refuse();
    CREATE TRIGGER kept BEFORE DELETE ON {t}event FOR EACH ROW EXECUTE FUNCTION {t}refuse_unless_folded();
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {t}folded FOR EACH ROW EXECUTE FUNCTION {t}refuse();
    CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {t}folded EXECUTE FUNCTION {t}refuse();
    """,
)
VERSION = len(STEPS)
