"""What lies in a queue of Dramatiq on Redis, and in the two beside it: of messages that wait for their time, and of dead ones."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence

import redis
from dramatiq.common import dq_name, xq_name

from migrator.shadow.drivers.interface import Removal, Standing
from migrator.shadow.looks.dramatiq import Message, Place, read_message

#: how far one look goes into a queue, from its newest end
NEWEST = 500
CHUNK = 1000
#: seconds for which one search through all messages answers for all jobs
FRESH = 1.0


class MessageStore:
    """The messages of one queue whose job keys begin with `own`. Errors are the client's."""

    def __init__(self, client: redis.Redis, *, namespace: str, queue: str, own: str) -> None:
        self._redis, self._namespace, self._own = client, namespace, own
        self._names: dict[Place, str] = {"queue": queue, "delay": dq_name(queue), "dead": xq_name(queue)}
        self._searched: tuple[float, list[Message]] | None = None

    def newcomers(self, known: Collection[str], strangers: Collection[str]) -> tuple[list[str], bool]:
        """Ids that are neither: at the ends of the lists, or with the workers that have taken them. And whether there are no others."""
        taken = self.taken()
        pipe = self._redis.pipeline(transaction=True)
        for place, name in self._names.items():
            (pipe.zrange if place == "dead" else pipe.lrange)(self._key(name), -NEWEST, -1)
            (pipe.zcard if place == "dead" else pipe.llen)(self._key(name))
        answers = pipe.execute()
        ids = {id_.decode() for members in answers[::2] for id_ in members} | set().union(*taken.values())
        whole = all(number <= NEWEST for number in answers[1::2])
        return [id_ for id_ in ids if id_ not in known and id_ not in strangers], whole

    def taken(self) -> dict[Place, set[str]]:
        """Ids that workers have taken and not given back. Of the queue: those that they run, and a few more."""
        workers = [id_.decode() for id_ in self._redis.zrange(self._key("__heartbeats__"), 0, -1) if isinstance(id_, bytes)]
        places: tuple[Place, ...] = ("queue", "delay")
        pipe = self._redis.pipeline(transaction=True)
        for place in places:
            for worker in workers:
                pipe.smembers(self._key(f"__acks__.{worker}.{self._names[place]}"))
        answers = pipe.execute()
        return {
            place: {id_.decode() for members in answers[at * len(workers) : (at + 1) * len(workers)] for id_ in members}
            for at, place in enumerate(places)
        }

    def read(self, ids: list[str]) -> list[Message]:
        """Those of the messages that are there and ours, up to a thousand of them as they are at one moment."""
        return [message for start in range(0, len(ids), CHUNK) for message in self._read(ids[start : start + CHUNK])]

    def search(self) -> list[Message]:
        """All of our messages: goes through everything that is there."""
        found: dict[str, None] = {}
        for name in self._names.values():
            for id_, data in self._redis.hscan_iter(self._key(f"{name}.msgs"), count=CHUNK):
                if self._own.encode() in data:
                    found[id_.decode()] = None
        return self.read(list(found))

    def find(self, native_id: str) -> list[Message]:
        """The messages of one job as they are now. One search does for all jobs that are looked for within a second, if it finds them."""
        if self._searched is not None and time.monotonic() - self._searched[0] < FRESH:
            there = self.read([message.redis_id for message in self._searched[1] if message.native_id == native_id])
            if there:
                return there
        self._searched = time.monotonic(), self.search()
        return [message for message in self._searched[1] if message.native_id == native_id]

    def standing(self, messages: Sequence[Message]) -> Standing:
        """Whether a worker has one of the messages, or will get it."""
        taken = self.taken()
        if any(message.redis_id in taken["queue"] for message in messages):
            return "active"
        in_hand = any(message.redis_id in taken["delay"] for message in messages)
        lists = [(self._key(self._names[message.place]), message.redis_id) for message in messages]
        return "waiting" if in_hand or any(self._redis.lpos(*place) is not None for place in lists) else "absent"

    def remove(self, messages: Sequence[Message]) -> Removal:
        """Take a job's only message out of the list from which workers take it; what they have taken once they do not give up.

        One that waits for its time is in the hand of a worker as soon as there is one.
        """
        (message, *others) = messages
        if others or message.retries or message.place == "dead":
            return "taken"
        name = self._names[message.place]
        # Workers pop from the list: who has taken the id out of it has the message.
        if not self._redis.lrem(self._key(name), 1, message.redis_id):
            return "taken"
        self._redis.hdel(self._key(f"{name}.msgs"), message.redis_id)
        return "removed"

    def counts(self) -> dict[str, int]:
        """How many there are, anybody's."""
        taken = self.taken()
        pipe = self._redis.pipeline(transaction=True)
        for place, name in self._names.items():
            (pipe.zcard if place == "dead" else pipe.llen)(self._key(name))
        waiting, delayed, dead = pipe.execute()
        return {"waiting": waiting, "taken": len(taken["queue"]), "delayed": delayed + len(taken["delay"]), "dead": dead}

    def _read(self, ids: list[str]) -> list[Message]:
        pipe = self._redis.pipeline(transaction=True)
        for name in self._names.values():
            pipe.hmget(self._key(f"{name}.msgs"), ids)
        answers = dict(zip(self._names, pipe.execute(), strict=True))
        dead = [id_ for id_, data in zip(ids, answers["dead"], strict=True) if data]
        pipe = self._redis.pipeline(transaction=True)
        for id_ in dead:
            pipe.zscore(self._key(self._names["dead"]), id_)
        # One that was swept out meanwhile has no time any more.
        scores = {id_: score for id_, score in zip(dead, pipe.execute() if dead else (), strict=True) if score is not None}
        return [
            message
            for place, values in answers.items()
            for id_, data in zip(ids, values, strict=True)
            if data
            and (place != "dead" or id_ in scores)
            and (message := read_message(id_, data, place, self._own, dead=scores.get(id_))) is not None
        ]

    def _key(self, name: str) -> str:
        return f"{self._namespace}:{name}"
