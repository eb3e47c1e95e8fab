"""Around the bodies of fenced jobs, in every worker that may be handed one: only who has claimed a job runs its body.

    fence = Fence.open("experiment.toml")

    @app.task
    @fence.around
    def import_article(article): ...

or, where the body is not one function:

    with fence.claiming(delivered()) as ours:
        if ours: ...
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import logging
import random
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeVar, cast

from migrator.shadow.modes.claims import Claims, ClaimsDown
from migrator.shadow.modes.delivery import Delivery, delivered

P = ParamSpec("P")
T = TypeVar("T")
#: seconds between two questions to a store of claims that does not answer, about
PAUSE = 0.2
#: what is being run here, claimed
_inside: ContextVar[frozenset[Delivery]] = ContextVar("migrator_fence", default=frozenset())
_log = logging.getLogger(__name__)


class Fence:
    """`note(delivery, won)` is told of every claim. Safe over threads and forks, as far as `claims` is."""

    def __init__(self, claims: Claims, *, patience: float, note: Callable[[Delivery, bool], None]) -> None:
        self._claims, self._patience, self._note = claims, patience, note

    def around(self, body: Callable[P, T]) -> Callable[P, T | None]:
        """The body, run only if the job is its worker's to run; else it gives None, and the system takes the job for done.

        Jobs that are not fenced (of another arm, of no experiment) are run without asking. Raises ClaimsDown, and whatever the body raises.
        """
        if inspect.iscoroutinefunction(body):

            @functools.wraps(body)
            async def later(*args: P.args, **kwargs: P.kwargs) -> Any:
                delivery = delivered((*args, *kwargs.values()))
                if delivery is None or not delivery.holder or delivery in _inside.get():
                    return await body(*args, **kwargs)
                if not await asyncio.to_thread(self._won, delivery):
                    return None
                before = _inside.get()
                _inside.set(before | {delivery})
                try:
                    result = await body(*args, **kwargs)
                finally:
                    _inside.set(before)
                await asyncio.to_thread(self._done, delivery)
                return result

            return cast("Callable[P, T | None]", later)

        @functools.wraps(body)
        def now(*args: P.args, **kwargs: P.kwargs) -> T | None:
            with self.claiming(delivered((*args, *kwargs.values()))) as ours:
                return body(*args, **kwargs) if ours else None

        return now

    @contextmanager
    def claiming(self, delivery: Delivery | None) -> Generator[bool]:
        """Claim a job for the time of the block. True where the block is to do the work; with its end the work is done.

        Raises:
            ClaimsDown: nobody could be asked. The block is not entered; let the job fail, so that its system tries it again.
        """
        if delivery is None or not delivery.holder:
            yield True
            return
        if delivery in _inside.get():
            # A body that calls another one of its own job: only with the end of the outer one is the work done.
            yield True
            return
        ours = self._won(delivery)
        before = _inside.get()
        _inside.set(before | {delivery})
        try:
            yield ours
        finally:
            _inside.set(before)
        if ours:
            self._done(delivery)

    def _won(self, delivery: Delivery) -> bool:
        won = self._ask(lambda: self._claims.claim(delivery.key, delivery.holder)).lets(delivery.holder)
        self._note(delivery, won)
        return won

    def _done(self, delivery: Delivery) -> None:
        try:
            self._ask(lambda: self._claims.done(delivery.key, delivery.holder))
        except ClaimsDown as error:
            # The work is done, and the job must not fail for it.
            _log.warning("%s is done, which could not be written down (%s): handed out again, it would be run again", delivery.key, error)

    def _ask(self, question: Callable[[], T]) -> T:
        until = time.monotonic() + self._patience
        while True:
            try:
                return question()
            except ClaimsDown:
                if time.monotonic() >= until:
                    raise
                time.sleep(PAUSE * (0.5 + random.random()))  # noqa: S311 - no secret
