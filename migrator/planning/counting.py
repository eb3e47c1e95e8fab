"""How often something happens, as a sum of products of names: `chunks·plugins + 4`. Names are sizes that the code does not tell."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

_Product = tuple[str, ...]


@dataclass(frozen=True)
class Count:
    """A sum. Each term is (the names that are multiplied, in order of the alphabet; how often that product is counted)."""

    terms: tuple[tuple[_Product, int], ...] = ()

    def __add__(self, other: Count) -> Count:
        sums = Counter(dict(self.terms))
        sums.update(dict(other.terms))
        return _count(sums)

    def __mul__(self, other: Count) -> Count:
        sums: Counter[_Product] = Counter()
        for mine, often in self.terms:
            for theirs, times in other.terms:
                sums[tuple(sorted((*mine, *theirs)))] += often * times
        return _count(sums)

    def __str__(self) -> str:
        return " + ".join(_term(product, often) for product, often in self.terms) or "0"

    @property
    def names(self) -> tuple[str, ...]:
        """The sizes that it depends on."""
        return tuple(sorted({name for product, _ in self.terms for name in product}))

    def value(self, sizes: Mapping[str, int]) -> int | None:
        """The number, where the sizes of all names are given."""
        if any(name not in sizes for name in self.names):
            return None
        total = 0
        for product, often in self.terms:
            total += often * math.prod(sizes[name] for name in product)
        return total

    def written(self, sizes: Mapping[str, int]) -> str:
        """The sum with its sizes put in.

        >>> (name("chunks") * name("plugins") + number(4)).written({"chunks": 200, "plugins": 4})
        '200·4 + 4'
        """
        return " + ".join(_term(tuple(str(sizes.get(n, n)) for n in product), often) for product, often in self.terms) or "0"

    def most(self, size: str, limit: int, sizes: Mapping[str, int]) -> int | None:
        """The largest value of `size` with which the sum is still within `limit`, the other sizes given; -1 if there is none.

        None where it does not depend on `size`, another size is not given, or nothing is too many.

        >>> (name("n") * name("p") + number(4)).most("n", 1000, {"p": 4})
        249
        """
        if size not in self.names or any(n not in sizes for n in self.names if n != size):
            return None

        def fits(guess: int) -> bool:
            total = self.value({**sizes, size: guess})
            return total is not None and total <= limit

        if not fits(0):
            return -1
        if fits(limit + 1):
            return None
        low, high = 0, limit + 1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if fits(middle) else (low, middle)
        return low


#: nothing at all
NONE = Count()


def number(value: int) -> Count:
    """A number."""
    return Count((((), value),)) if value else Count()


def name(size: str) -> Count:
    """A size by its name."""
    return Count((((size,), 1),))


def _count(sums: Counter[_Product]) -> Count:
    """Products of most names first, then by the alphabet."""
    return Count(tuple((p, sums[p]) for p in sorted(sums, key=lambda p: (-len(p), p)) if sums[p]))


def _term(product: _Product, often: int) -> str:
    factors = [*([str(often)] if often != 1 or not product else []), *product]
    return "·".join(factors)
