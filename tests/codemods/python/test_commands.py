"""Command lines in files."""

from __future__ import annotations

import pytest

from migrator.codemods.python.commands import find_command, unquoted

FOUND = {
    "worker: celery -A x worker": ["celery", "-A", "x", "worker"],
    "CMD celery worker && echo": ["celery", "worker"],
    "CMD celery worker&&echo": ["celery", "worker"],
    "\tcelery worker # why": ["celery", "worker"],
    "  command: 'celery -c 2'": ["celery", "-c", "2"],
    '  command: bash -c "celery -c 2 | tee x"': ["celery", "-c", "2"],
    'CMD ["celery", "-c", "2"]': ["celery", "-c", "2"],
    "command: ['celery', '-c', '2']": ["celery", "-c", "2"],
    "/opt/bin/celery -c ${N:-2}": ["/opt/bin/celery", "-c", "${N:-2}"],
    'celery -n "a b"': ["celery", "-n", '"a b"'],
    "command=celery worker": ["celery", "worker"],
}


@pytest.mark.parametrize("line", FOUND)
def test_words(line: str) -> None:
    command = find_command(line.encode(), 1, "celery")
    assert command is not None
    assert list(command.words) == FOUND[line]
    data = line.encode()
    text = data[command.span.start : command.span.end].decode()
    assert (data[: command.span.start] + command.render(list(command.words)).encode() + data[command.span.end :]).decode() == line, text


NOT_FOUND = [
    "worker: celeryd -A x",
    "web: python -m my.celery.thing",
    "celery: {image: x}",
    "image: shop/celery:3",
    "celery -A x \\",
    "CELERY=1",
    "- celery-beat",
]


@pytest.mark.parametrize("line", NOT_FOUND)
def test_no_command(line: str) -> None:
    assert find_command(line.encode(), 1, "celery") is None


def test_a_list_with_an_item_a_line_is_not_read() -> None:
    assert find_command(b"args:\n  - celery\n  - -A\n  - x\n", 2, "celery") is None


def test_a_block_of_several_lines_is_not_read() -> None:
    assert find_command(b"command: >\n  celery -A x\n  worker\n", 2, "celery") is None
    single = find_command(b"command: >\n  celery -A x worker\nother: 1\n", 2, "celery")
    assert single is not None


def test_several_on_a_line_are_told_apart() -> None:
    line = b"sh -c 'celery worker & celery beat'"
    first = find_command(line, 1, "celery")
    assert first is not None
    second = find_command(line, 1, "celery", type(first.span)(line.index(b"celery beat"), len(line)))
    assert second is not None
    assert (list(first.words), list(second.words)) == (["celery", "worker"], ["celery", "beat"])


def test_quotes_come_off() -> None:
    assert unquoted("'a b'") == "a b"
    assert unquoted("$X") == "$X"
    assert unquoted("'") == "'"
