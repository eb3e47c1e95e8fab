"""What the text of a file says of timers before it is parsed: it may say yes too often, and no only where there is none."""

from __future__ import annotations

import pytest

from migrator.scanners.typescript.custom_timer_shapes import may_recur

MAY = {
    "an interval": "setInterval(sweep, 60_000);",
    "of the global object": "globalThis.setTimeout(tick, 5000);",
    "with a type": "setInterval<never>(sweep, 1);",
    "beside documentation": "/** Sweeps.\n * @example\n * setInterval(sweep, 1)\n */\nexport const start = () => setInterval(sweep, 1);",
    "in an open comment of a text": 'const every = "src/**/*.ts";\nsetInterval(sweep, 1);\n',
    "in a comment whose lines are no documentation": "/*\n setInterval(sweep, 1)\n*/",
    "after a list of stars": "const area = width\n  * height;\nsetInterval(sweep, 1);",
    "between two comments on one line": "/* one */ setInterval(sweep, 1) /* two */",
    "after a comment that ends in its line": "/** one */\nsetInterval(sweep, 1)\n/* two\n * three\n */",
    "a loop that sleeps": "while (true) { await sleep(1000); }",
    "a condition of its own": "while (!this.isStopped) { await scheduler.wait(1000); }",
    "a condition that is called": "while (!isAborted()) { await pauseFor(1000); }",
    "a comment before the condition": "while /* for ever */ (true) { await delay<void>(1000); }",
    "a loop without a condition": "for ( ; ; ) { await setTimeoutAsync(1); }",
    "a loop that asks at its end": "do { await (sleep)(5); } while (Running);",
}
MAY_NOT = {
    "nothing of the kind": "export const sum = (a, b) => a + b;",
    "documentation alone": "/**\n * Waits.\n *\n * @example\n * setTimeout(() => {}, 10)\n */\nexport const wait = 1;",
    "documentation within a class": "class A {\n  /**\n   * `while (true) { await sleep(1) }`\n   */\n  run() {}\n}",
    "documentation with the ends of lines of Windows": "/**\r\n * setTimeout(f, 1)\r\n */\r\nexport const wait = 1;",
    "a loop that ends": "while (!(next = iterator.next()).done) { await sleep(1); }",
    "a loop that does not wait": "while (true) { step(); }",
    "a pause of another name": "for (;;) { await(step()); _sleep(1); $delay(1); }",
    "a pause that is not called": "while (true) { if (timeout > 5) break; }",
}


@pytest.mark.parametrize("code", MAY.values(), ids=MAY)
def test_it_may_hold_a_timer(code: str) -> None:
    assert may_recur(code.encode())


@pytest.mark.parametrize("code", MAY_NOT.values(), ids=MAY_NOT)
def test_it_holds_none(code: str) -> None:
    assert not may_recur(code.encode())


def test_a_long_text_without_an_end_takes_no_longer_than_its_length() -> None:
    assert may_recur(b"setInterval(f, 1)\n" + b"/* * while (" * 100_000)
    assert not may_recur(b"/*\n * " * 100_000 + b"while(stop" * 10_000)
