"""YAML as plain data."""

from __future__ import annotations

import pytest

from migrator.scanners.manifests.yaml_loading import DEPTH, plain


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"worker: {queues: [mail, 'new\xc3\xa9']}\n", {"worker": {"queues": ["mail", "new\u00e9"]}}),
        (b"\xef\xbb\xbfa: 1\n", {"a": 1}),
        (b"a: [1\n", None),
        (b"a: !!python/name:os.system x\n", None),
        (b"a: \xff\n", None),
        (b"a: 1\n---\nb: 2\n", None),
        (b"", None),
        (b"[" * DEPTH + b"]" * DEPTH, 1),
        (b"[" * (DEPTH + 1) + b"]" * (DEPTH + 1), None),
        (b"- " * (DEPTH + 1) + b"x", None),
    ],
    ids=["text", "mark", "broken", "object", "bytes", "several", "nothing", "deep", "too deep", "too deep by dashes"],
)
def test_plain_data(data: bytes, expected: object) -> None:
    found = plain(data)
    # The deep one is compared by what it is: comparing it as a whole would be as deep.
    assert (len(found) if expected == 1 and isinstance(found, list) else found) == expected
