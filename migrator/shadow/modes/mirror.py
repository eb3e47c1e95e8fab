"""Mode `mirror`: the current arm does every job, and alone decides how it went; candidates get copies, when and as far as budgets allow.

Copies that run a body (`dry_run`, `full`) are sent by the process that sent the job, which has its payload. Copies that replay it are sent
by `migrate shadow run`, once it has seen how the job went.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Mapping

import msgspec

from migrator.shadow.config.experiment import Arm
from migrator.shadow.config.mirror import Mirror
from migrator.shadow.ledger import JobHistory
from migrator.shadow.modes.budget import Budget
from migrator.shadow.modes.copies.copy import Copy, replay_of
from migrator.shadow.modes.copy_lane import CopyLane, Offer
from migrator.shadow.modes.ways import Desk, Sending, Split
from migrator.shadow.policy.reading import LoadedPolicy
from migrator.shadow.routing import BUCKETS, bucket

_log = logging.getLogger(__name__)


class MirrorWay:
    """See `Way`."""

    only_sends = ""

    def __init__(self, desk: Desk, spec: Mirror, loaded: LoadedPolicy, candidates: Mapping[str, Arm]) -> None:
        self._desk, self._spec, self._loaded, self._candidates = desk, spec, loaded, candidates
        self._jobs = {job.name: job for job in loaded.jobs}
        self._split = Split()
        self._lanes = {
            arm: CopyLane(desk, arm, table.system, waiting=spec.waiting, budget=Budget(spec.per_second))
            for arm, table in candidates.items()
        }

    def send(self, sending: Sending) -> None:
        self._split.send(sending)
        # From here on the job is where it belongs; nothing that follows is its caller's affair.
        try:
            self._copy(sending)
        except Exception as error:  # noqa: BLE001 - as said
            _log.warning("a job of `%s` is not copied: %r", sending.ticket.job_name, error)

    def _copy(self, sending: Sending) -> None:
        ticket, level = sending.ticket, self._spec.level_of(sending.ticket.job_name)
        if level == "replay" or not ticket.recorded or ticket.routed.reason != "split":
            return
        job = self._jobs.get(ticket.job_name)
        if job is None:
            return  # it came into the file later: a changed mirror needs a new dispatcher
        for arm, table in self._candidates.items():
            made = Copy(
                level=level,
                job=ticket.job_name,
                arm=arm,
                max_attempts=job.max_attempts,
                retry_delay=job.retry_delay,
                path=table.job_name_of(job),
                arguments="payload" if table.options.get("arguments") == "payload" else "keywords",
            )
            offer = Offer(
                key=ticket.key, job=job.name, unit=ticket.unit, copy=made, size=ticket.size, delay=sending.delay, label=ticket.label
            )
            if why := self._why_not(arm, ticket.routed.bucket) or self._lanes[arm].why_not(offer):
                self._lanes[arm].suppress(offer, why)
                continue
            try:
                # The application may go on to change what it has sent.
                payload = copy.deepcopy(dict(sending.payload))
            except Exception as error:  # noqa: BLE001 - objects of the application's own
                self._lanes[arm].suppress(offer, f"its payload cannot be copied: {error}")
                continue
            self._lanes[arm].offer(_with_payload(offer, payload))

    def replay(self, history: JobHistory) -> None:
        """A job of the current arm has ended: have candidates replay it."""
        job = self._jobs.get(history.job_name)
        if job is None or history.role != "current" or self._spec.level_of(job.name) != "replay":
            return
        if not (history.reason or "").startswith("split"):
            return  # it never took part: switched off, or excluded
        delay = max(0.0, (history.due_ns - history.available_ns) / 1e9) if history.due_ns and history.available_ns else 0.0
        number = bucket(self._loaded.policy.salt, job.name, history.unit_key)
        for arm in self._candidates:
            made = replay_of(history, arm=arm, max_attempts=job.max_attempts, retry_delay=job.retry_delay, fill=self._spec.fill)
            said = made if isinstance(made, str) else ""
            offer = Offer(
                key=history.job_key,
                job=job.name,
                unit=history.unit_key,
                copy=Copy(level="replay", job=job.name, arm=arm) if isinstance(made, str) else made,
                size=history.bytes,
                delay=delay,
                label=history.label,
            )
            if why := self._why_not(arm, number) or said or self._lanes[arm].why_not(offer):
                self._lanes[arm].suppress(offer, why)
            else:
                self._lanes[arm].offer(offer)

    def _why_not(self, arm: str, number: int) -> str:
        """Why a candidate gets no copy of a job in this bucket; empty where it does."""
        decider = self._desk.decider
        if decider.state.everything or arm in decider.state.arms:
            return "switched off"
        share = self._spec.max_share * float(decider.progress)
        return "" if number < share * BUCKETS else f"not among the {share:.4g} of the jobs that are copied"

    def abandon(self) -> None:
        for lane in self._lanes.values():
            lane.abandon()

    def close(self) -> None:
        for lane in self._lanes.values():
            lane.close()


def _with_payload(offer: Offer, payload: dict[str, object]) -> Offer:
    return msgspec.structs.replace(offer, copy=msgspec.structs.replace(offer.copy, payload=payload))
