"""QStash's log as sightings. It has an entry for each delivery and each way in which one ended, in milliseconds of the service's clock."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

import msgspec

from migrator.shadow.drivers.interface import MARKER, Sighting, SightingKind
from migrator.shadow.newest import Newest

#: of entries of one millisecond, which came first; what is not here says nothing of a job's life
_ORDER = ("CREATED", "ACTIVE", "ERROR", "RETRY", "DELIVERED", "FAILED", "CANCELLED", "CANCELED")
_KINDS: dict[str, SightingKind] = {
    "ACTIVE": "started",
    "ERROR": "attempt_failed",
    "DELIVERED": "completed",
    "FAILED": "discarded",
    "CANCELLED": "cancelled",
    "CANCELED": "cancelled",
}
#: milliseconds by which an entry may show later in the log than one that is newer
LATE = 5_000


class Entry(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An entry of the log, as far as it is read."""

    time: int
    message_id: str
    state: str
    label: str | list[str] | None = None
    next_delivery_time: int | None = None
    error: str | None = None
    response_status: int | None = None
    response_body: str | None = None
    body: str | None = None

    @property
    def order(self) -> tuple[int, int]:
        """Sorts as things happened."""
        return self.time, _ORDER.index(self.state) if self.state in _ORDER else len(_ORDER)

    @property
    def problem(self) -> tuple[str | None, str | None]:
        """What the destination answered, as type and message of an error."""
        return (f"HTTP {self.response_status}" if self.response_status else None), (self.response_body or self.error)


class Place(msgspec.Struct, frozen=True):
    """Up to where the log was read: milliseconds, and the messages that were being delivered then."""

    time: int
    active: tuple[str, ...] = ()


def entries(raw: Iterable[Any]) -> list[Entry]:
    """Entries in the order of what happened. What is no entry is left out."""
    found: list[Entry] = []
    for each in raw:
        try:
            found.append(msgspec.convert(each, Entry, strict=False))
        except msgspec.ValidationError:
            continue
    return sorted(found, key=lambda entry: entry.order)


class Reader:
    """Turns entries into sightings of the jobs whose key begins with `own_prefix`; each entry once."""

    def __init__(self, own_prefix: str, place: Place) -> None:
        self._own, self._time, self._active = own_prefix, place.time, set(place.active)
        self._seen: dict[str, int] = {}
        self.keys = Newest[str, str]()  #: message id -> job key, where the log does not say it

    @property
    def since(self) -> int:
        """From where on the log is to be read."""
        return max(0, self._time - LATE)

    @property
    def place(self) -> Place:
        """Where to go on."""
        return Place(self._time, tuple(sorted(self._active)))

    def read(self, found: list[Entry]) -> list[Sighting]:
        """What is new in a part of the log."""
        sightings: list[Sighting] = []
        for entry in found:
            key, id_ = self.key_of(entry), f"{entry.time:015d}.{entry.order[1]}-{entry.message_id}"
            self._time = max(self._time, entry.time)
            if key is None or entry.state not in _ORDER or id_ in self._seen:
                continue
            self._seen[id_] = entry.time
            sightings += self._sightings(entry, key, id_)
        self._seen = {id_: time for id_, time in self._seen.items() if time >= self.since}
        return sightings

    def key_of(self, entry: Entry) -> str | None:
        """The job that a message is: by its label, by the mark in its body, or because we sent it."""
        labels = entry.label if isinstance(entry.label, list) else [entry.label or ""]
        for label in labels:
            if label.startswith(self._own):
                return label
        return self.keys.get(entry.message_id) or self._marked(entry.body)

    def _sightings(self, entry: Entry, key: str, id_: str) -> list[Sighting]:
        err_type, err_message = entry.problem if entry.state in ("ERROR", "RETRY", "FAILED") else (None, None)
        common: dict[str, Any] = {"job_key": key, "native_id": entry.message_id, "ts_ns": entry.time * 1_000_000}
        was_active = entry.message_id in self._active
        (self._active.add if entry.state == "ACTIVE" else self._active.discard)(entry.message_id)
        if entry.state not in ("CREATED", "RETRY"):
            return [Sighting(id=id_, kind=_KINDS[entry.state], err_type=err_type, err_message=err_message, **common)]
        until = entry.next_delivery_time if entry.next_delivery_time and entry.next_delivery_time > entry.time else None
        found: list[Sighting] = []
        if entry.state == "RETRY" and was_active:  # the delivery failed, and no entry of its own said so
            found.append(Sighting(id=f"{id_}-failed", kind="attempt_failed", err_type=err_type, err_message=err_message, **common))
        found.append(Sighting(id=id_, kind="delayed" if until else "available", until_ns=until * 1_000_000 if until else None, **common))
        return found

    def _marked(self, body: str | None) -> str | None:
        try:
            key: Any = msgspec.json.decode(base64.b64decode(body or ""))[MARKER]["key"]
        except (ValueError, TypeError, KeyError, IndexError):
            return None
        return key if isinstance(key, str) and key.startswith(self._own) else None
