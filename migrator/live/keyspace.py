"""The keys of a Redis that tell what job systems keep there, found in one pass that lets others through between steps."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from migrator.scanners.runtime.redis import Store

#: keys looked at, at most: some ten seconds
MOST = 3_000_000
#: names of one family that are remembered; beyond that they are only counted
_REMEMBERED = 10_000


@dataclass(frozen=True)
class Keyspace:
    """Keys by family, sorted, and how many there are of each; `cut` says that there are more keys than were looked at."""

    names: Mapping[str, tuple[str, ...]]
    counts: Mapping[str, int]
    cut: bool

    def of(self, family: str) -> tuple[str, ...]:
        """The keys of a family."""
        return self.names.get(family, ())


def read_keys(store: Store, families: Mapping[str, re.Pattern[bytes]], most: int = MOST) -> Keyspace:
    """One pass over the keys."""
    names: defaultdict[str, set[str]] = defaultdict(set)
    counts: defaultdict[str, int] = defaultdict(int)
    looked = 0
    for page in store.pages():
        looked += len(page)
        for key in page:
            for family, pattern in families.items():
                if pattern.search(key):
                    text = key.decode("utf-8", "replace")
                    known = names[family]
                    # A scan may show a key twice.
                    if text not in known:
                        counts[family] += 1
                        if len(known) < _REMEMBERED:
                            known.add(text)
        if looked >= most:
            return Keyspace({f: tuple(sorted(n)) for f, n in names.items()}, counts, cut=True)
    return Keyspace({f: tuple(sorted(n)) for f, n in names.items()}, counts, cut=False)
