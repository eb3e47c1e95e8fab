"""Finding out whether a pending job was taken up, and seeing to it that it is done if not. Nothing here runs in a caller's thread."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from migrator.shadow.drivers.interface import Driver, EnqueueRefused, Remover, StoreDown
from migrator.shadow.modes.claims import Claim, Claims
from migrator.shadow.modes.gate import Gate
from migrator.shadow.modes.outcome import Label
from migrator.shadow.modes.pending import Pending

#: times that a job is found to be at a worker and unclaimed, before it is taken for stuck there
LOOKS = 3
#: seconds for which a store that did not answer is not asked again
REST = 2.0
#: seconds until a fallback that did not go through is tried again: first, and at most
AGAIN, LATEST = 1.0, 30.0
_log = logging.getLogger(__name__)


class Fallbacks(Protocol):
    """What settling does with jobs."""

    def send_instead(self, pending: Pending, why: str) -> None:
        """Enqueue it in the current arm. Raises StoreDown, EnqueueRefused."""
        ...

    def taken_back(self, pending: Pending) -> None:
        """It is in the candidate no more."""
        ...

    def settled(self, pending: Pending, label: Label) -> None:
        """Its way is known."""
        ...

    def again(self, pending: Pending) -> None:
        """It is to be looked at again when it is due."""
        ...


class Settling:
    """`driver_of` gives the candidate's driver for a job, for this thread alone; `pickup_timeout` is in seconds."""

    def __init__(
        self,
        claims: Claims,
        fallbacks: Fallbacks,
        *,
        driver_of: Callable[[str, str], Driver],
        gate_of: Callable[[str], Gate],
        pickup_timeout: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._claims, self._fallbacks, self._driver_of, self._gate_of = claims, fallbacks, driver_of, gate_of
        self._pickup_timeout, self._clock = pickup_timeout, clock
        self._resting: dict[str, float] = {}  #: arm -> until when its store is not asked
        self._tries: dict[str, int] = {}
        self._unclaimed: set[str] = set()

    def settle(self, due: Sequence[Pending]) -> None:
        """Settle what can be settled; the rest is due again. Raises ClaimsDown, and has then done nothing."""
        claims = self._claims.look([pending.key for pending in due])
        for pending in due:
            claim = claims.get(pending.key)
            gate = self._gate_of(pending.arm)
            if claim is not None:
                self._claimed(pending, claim, gate)
                continue
            label, why = self._unclaimed_still(pending)
            if label is None:
                continue
            if label == "primary":
                self._fallbacks.settled(pending, label)
                continue
            gate.failed("taken up")
            if label == "fallback_removed":
                self._fallbacks.taken_back(pending)
            self._send(pending, label, why)

    def _claimed(self, pending: Pending, claim: Claim, gate: Gate) -> None:
        if claim.arm == pending.arm:
            gate.went_well("taken up")
            self._fallbacks.settled(pending, "primary")
        else:
            # The current arm has it: it was sent there by somebody who was stopped before it could be said.
            self._fallbacks.settled(pending, "fallback_fenced")

    def _unclaimed_still(self, pending: Pending) -> tuple[Label | None, str]:
        """What is to be done with a job that nobody has claimed in time. Without a label it is due again."""
        arm = pending.arm
        if self._resting.get(arm, 0.0) > self._clock():
            return "fallback_fenced", f"{arm} does not answer"
        try:
            driver = self._driver_of(arm, pending.job)
            removal = driver.remove(pending.key, pending.native) if isinstance(driver, Remover) else "unknown"
            if removal == "removed":
                return "fallback_removed", f"{arm} did not take it up"
            standing = driver.inspect(pending.key, pending.native).standing
        except StoreDown as error:
            self._resting[arm] = self._clock() + REST
            return "fallback_fenced", f"{arm} does not answer: {error}"
        except Exception as error:  # noqa: BLE001 - one job that cannot be asked for must not hold up the others
            return "fallback_fenced", f"{arm} cannot be asked for it: {error}"
        if standing in ("completed", "discarded"):
            # It may have been claimed, and have ended, since we looked.
            claim = self._claims.look([pending.key]).get(pending.key)
            if claim is None and arm not in self._unclaimed:
                self._unclaimed.add(arm)
                _log.error("workers of `%s` run jobs without claiming them: put the fence around their bodies, or jobs may run twice", arm)
            return "primary", ""
        if (removal == "taken" or standing == "active") and pending.looks < LOOKS:
            later = msgspec.structs.replace(pending, due=self._clock() + self._pickup_timeout, looks=pending.looks + 1)
            self._fallbacks.again(later)
            return None, ""
        return "fallback_fenced", f"{arm} did not take it up"

    def _send(self, pending: Pending, label: Label, why: str) -> None:
        try:
            self._fallbacks.send_instead(pending, why)
        except EnqueueRefused as error:
            self._tries.pop(pending.key, None)
            _log.error("%s (%s) was not taken up by `%s`, and refused by the current arm: %s", pending.key, pending.job, pending.arm, error)
            self._fallbacks.settled(pending, "failed_both")
        except Exception as error:  # noqa: BLE001 - whatever a client raises, the job is not given up
            tries = self._tries[pending.key] = self._tries.get(pending.key, 0) + 1
            wait = min(AGAIN * 2 ** (tries - 1), LATEST)
            _log.warning("%s cannot be sent to the current arm (%s); again in %g s", pending.key, error, wait)
            self._fallbacks.again(msgspec.structs.replace(pending, due=self._clock() + wait))
        else:
            self._tries.pop(pending.key, None)
            self._fallbacks.settled(pending, label)
