"""The append-only record of what happened to every job of an experiment."""

from migrator.shadow.ledger.attempts import Attempt
from migrator.shadow.ledger.conservation import Account, Bookkeeper
from migrator.shadow.ledger.event import Clock, Event, Kind, Mark, MarkKind, Role, Source
from migrator.shadow.ledger.failures import LedgerError
from migrator.shadow.ledger.history import OUTCOMES, JobHistory, Outcome, fold
from migrator.shadow.ledger.interface import Ledger
from migrator.shadow.ledger.records import ArmRecord, ClockReading, Epoch, offset_of, shortest
from migrator.shadow.ledger.sqlite import SqliteLedger

__all__ = [
    "OUTCOMES",
    "Account",
    "ArmRecord",
    "Attempt",
    "Bookkeeper",
    "Clock",
    "ClockReading",
    "Epoch",
    "Event",
    "JobHistory",
    "Kind",
    "Ledger",
    "LedgerError",
    "Mark",
    "MarkKind",
    "Outcome",
    "Role",
    "Source",
    "SqliteLedger",
    "fold",
    "offset_of",
    "shortest",
]
