"""What a class gives its attributes, and how long that is remembered."""

from __future__ import annotations

import gc
import weakref
from collections import Counter

import pytest

from migrator.jobs import Enqueue
from migrator.scanners.linking.attributes import Attributes
from migrator.scanners.linking.classes import attribute_candidates
from migrator.syntax.source import Source

#: so many look-ups are a question that does not end
_ENDLESS = 20_000


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


@pytest.mark.parametrize("language", ["typescript", "python"])
def test_methods_that_make_instances_of_their_own_class_lead_on_for_a_few_steps(
    language: str, scan_tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each setter of such a class asks all of them again: what that costs may grow with their square, and not with a power of the depth."""
    asked = Counter[int]()
    look_up = Attributes._look_up

    def counted(self: Attributes, *given: object) -> object:
        asked[setters] += 1
        assert asked[setters] < _ENDLESS
        return look_up(self, *given)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(Attributes, "_look_up", counted)
    for setters in (4, 8):
        found = scan_tree(_money(language, setters))
        told = ("bullmq", "round") if language == "typescript" else ("celery", "tasks.pay")
        assert [(e.system, e.name) for e in found.of(Enqueue)] == [told]
    assert asked[8] < 8 * asked[4]


def _money(language: str, setters: int) -> dict[str, str]:
    if language == "python":
        copies = "".join(f"    def set{n}(self, x):\n        new = Money(x)\n        self.task = new.task\n" for n in range(setters))
        made = f"class Money:\n    def __init__(self, task):\n        self.task = task\n{copies}"
        return {"tasks.py": f"from celery import shared_task\n@shared_task\ndef pay(): ...\n{made}Money(pay).task.delay()\n"}
    copies = "".join(f"  set{n}(x) {{ const made = new Money(x); this.queue = made.queue; }}\n" for n in range(setters))
    code = f'import {{ Queue }} from "bullmq";\nclass Money {{\n  constructor(queue) {{ this.queue = queue; }}\n{copies}}}\n'
    return {"package.json": '{"dependencies": {"bullmq": "5"}}', "a.js": f'{code}new Money(new Queue("m")).queue.add("round", {{}});\n'}
