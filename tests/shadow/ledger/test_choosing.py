"""Which ledger an experiment file leads to."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.errors import MigratorError
from migrator.shadow.config.reading import Loaded, read_experiment
from migrator.shadow.ledger import LedgerError, SqliteLedger
from migrator.shadow.ledger.choosing import create_ledger, open_ledger, place_of, set_ledger_aside, sole_ledger
from migrator.shadow.ledger.postgres import PostgresLedger
from tests.shadow.conftest import VARIABLE
from tests.shadow.ledger.test_history import event

FILE = """
[experiment]
name = "{name}"
current = "old"
[job]
name = "task"
[arms.old]
system = "bullmq"
connection = "REDIS_URL"
weight = 1
[workload]
count = 3
"""


def loaded(folder: Path, more: str = "", name: str = "x") -> Loaded:
    file = folder / "x.toml"
    file.write_text(FILE.format(name=name) + more)
    return read_experiment(file)


def test_a_file_beside_the_experiment_unless_another_is_named(tmp_path: Path) -> None:
    experiment, other = loaded(tmp_path), tmp_path / "other.ledger"
    with create_ledger(experiment) as ledger, create_ledger(experiment, other) as named:
        assert isinstance(ledger, SqliteLedger)
        assert (ledger.place, named.place) == (str(tmp_path / ".migrator" / "x.ledger"), str(other))
        assert (ledger.place, named.place) == (place_of(experiment), place_of(experiment, other))
    with open_ledger(experiment, other) as named:
        assert named.epochs() == ()


def test_the_postgres_that_the_file_names(tmp_path: Path, ledger_server: str, on_postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = loaded(tmp_path, f'[ledger]\nstore = "{VARIABLE}"\nkeep_days = 7\n', on_postgres)
    monkeypatch.setenv(VARIABLE, ledger_server)
    assert set_ledger_aside(experiment) is None
    with create_ledger(experiment) as ledger:
        assert isinstance(ledger, PostgresLedger)
        assert ledger.place == place_of(experiment) == f"{VARIABLE} (Postgres), schema migrator_ledger_{on_postgres}"
        ledger.record([event("assigned", 1)])
    with open_ledger(experiment) as ledger:
        assert len(list(ledger.events())) == 1
    aside = set_ledger_aside(experiment)
    assert aside is not None
    with create_ledger(experiment) as ledger:
        assert list(ledger.events()) == []
    with create_ledger(experiment, tmp_path / "named.ledger") as ledger:
        assert isinstance(ledger, SqliteLedger), "a file that the user names comes first"
    import psycopg

    with psycopg.connect(ledger_server, autocommit=True) as connection:
        connection.execute(f'DROP SCHEMA "{aside.rpartition(" ")[2]}" CASCADE')


@pytest.mark.parametrize("where", ["sqlite", "postgres"])
def test_one_run_at_a_time_and_nobody_takes_its_ledger_away(
    tmp_path: Path, ledger_server: str, on_postgres: str, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """`--fresh` beside a run would rename the tables that it writes to."""
    experiment = loaded(tmp_path, f'[ledger]\nstore = "{VARIABLE}"\n' if where == "postgres" else "", on_postgres)
    monkeypatch.setenv(VARIABLE, ledger_server)
    with sole_ledger(experiment) as ledger:
        with pytest.raises(LedgerError, match=r"another run|another process|in use"), sole_ledger(experiment):
            pytest.fail("two runs at once")
        with pytest.raises(LedgerError, match=r"another run|another process|in use"):
            set_ledger_aside(experiment)
        ledger.record([event("assigned", 1)])
    with sole_ledger(experiment) as ledger:
        assert ledger.recorded() == 1


@pytest.mark.parametrize(("value", "said"), [("", "LEDGER_URL is not set"), ("hunter2", "LEDGER_URL holds no address of a Postgres")])
def test_no_address_is_said_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str, said: str) -> None:
    experiment = loaded(tmp_path, f'[ledger]\nstore = "{VARIABLE}"\n')
    monkeypatch.setenv(VARIABLE, value)
    with pytest.raises(LedgerError, match=said) as caught:
        open_ledger(experiment)
    assert "x.toml:14" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_where_the_record_is_kept_changes_nothing_about_the_experiment(tmp_path: Path) -> None:
    plain = loaded(tmp_path).digest
    assert loaded(tmp_path, '[ledger]\nstore = "A"\nkeep_days = 30\n').digest == plain
    with pytest.raises(MigratorError, match="keep_days"):
        loaded(tmp_path, "[ledger]\nkeep_days = 0\n")
