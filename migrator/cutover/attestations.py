"""What people vouch for, in a file that is committed with the code: which gate or job, who, when, and what they saw."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal as OneOf

import msgspec

from migrator.errors import MigratorError

NAME = "attestations.json"


class Attestation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`by` vouches for the gate `gate`. For G01 `job` is what it is about: it was dropped, or it `becomes` the job of that name."""

    gate: str
    by: str
    when: date
    note: str
    job: str = ""
    becomes: str = ""


class Attestations(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    schema: OneOf["migrator.attestations/1"] = "migrator.attestations/1"
    attestations: tuple[Attestation, ...] = ()

    def of(self, gate: str) -> tuple[Attestation, ...]:
        """What was vouched for about one gate as a whole."""
        return tuple(a for a in self.attestations if a.gate == gate and not a.job)

    def about(self, job: str) -> Attestation | None:
        """The last word on one job."""
        return next((a for a in reversed(self.attestations) if a.job == job), None)


def read_attestations(file: Path) -> Attestations:
    """What the file says; nothing if there is none.

    Raises:
        MigratorError: the file is broken.
    """
    try:
        return msgspec.json.decode(file.read_bytes(), type=Attestations)
    except FileNotFoundError:
        return Attestations()
    except OSError as error:
        raise MigratorError(f"cannot be read: {error.strerror}", place=str(file), remedy="Give a file that you may read.") from None
    except msgspec.MsgspecError as error:
        remedy = "Mend it, or take it from an earlier commit; `migrate attest` adds to it."
        raise MigratorError(f"is no file of attestations: {error}", place=str(file), remedy=remedy) from None


def added(known: Attestations, new: Attestation) -> bytes:
    """The bytes of the file with one more attestation."""
    whole = Attestations(attestations=(*known.attestations, new))
    return msgspec.json.format(msgspec.json.encode(whole), indent=1) + b"\n"
