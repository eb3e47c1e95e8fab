"""What a class gives its attributes, and how long that is remembered."""

from __future__ import annotations

import gc
import weakref

from migrator.scanners.linking.classes import attribute_candidates
from migrator.syntax.source import Source


def test_what_classes_assign_is_forgotten_with_their_file() -> None:
    """One process may scan many trees: nothing of a tree stays when nobody has it any more."""
    source = Source("mail.py", b"class Mailer:\n    def __init__(self):\n        self.queue = make()\n        other.queue = no()\n")
    (mailer,) = source.nodes("class_definition")
    # Asked twice: the second answer is the remembered one.
    asked = [[source.text(value) for value, _ in attribute_candidates(source, mailer, "queue")] for _ in range(2)]
    assert asked == [["make()"], ["make()"]]
    kept = weakref.ref(source)
    del source, mailer
    gc.collect()
    assert kept() is None
