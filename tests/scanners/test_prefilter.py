"""Words that stand in much code besides that of a job system: a file is not parsed for them alone.

What `scan_tree` finds without a prefilter is the same, so that nothing of what counts is lost.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.scanners.files import walk
from migrator.scanners.prefilter import containing, each_containing

#: file -> text that means no job system, though one of its words is there
STRANGERS = {
    "pages/checkout.ts": 'export const config = { api: { bodyParser: false } };\nexport default () => "ok";',
    "src/types.ts": 'export type Fields<T extends import("./ast").Records> = T;',
    "app/notes.py": '"""Records what was said."""\nRECORDS = "Records of all kinds"\n',
    "app/client.py": "class Client:\n    retries = 3\n    def attempts(self): return self.retries\n",
}


@pytest.mark.parametrize("path", STRANGERS)
def test_a_word_of_much_other_code_is_no_reason_to_parse_a_file(scan_tree, path: str) -> None:
    inventory = scan_tree({path: STRANGERS[path]})
    assert (inventory.items, inventory.stats.files_parsed) == ((), 0)


#: file -> text in which the same word means one
MEANT = {
    "netlify/functions/nightly.ts": 'export const config = { schedule: "@daily" };\nexport default async () => {};',
    "src/worker.ts": "export const handler = async (event: any) => { for (const r of event.Records) await work(JSON.parse(r.body)); };",
    "app/worker.py": 'def handler(event, context):\n    for record in event["Records"]:\n        work(record["body"])\n',
    "app/models.py": (
        "from django.db import models\nclass Job(models.Model):\n    status = models.CharField()\n    attempts = models.IntegerField()\n"
        "    payload = models.JSONField()\n    run_at = models.DateTimeField()\n    locked_by = models.TextField()\n"
    ),
}


@pytest.mark.parametrize("path", MEANT)
def test_the_same_word_where_it_means_one_is_read(scan_tree, path: str) -> None:
    assert scan_tree({path: MEANT[path]}).stats.files_parsed == 1


def test_one_pass_finds_for_each_word_what_a_pass_of_its_own_finds(tmp_path: Path) -> None:
    for name, text in {"a.ts": "mails news", "b.ts": "newsletter", "c.ts": "none"}.items():
        (tmp_path / name).write_text(text)
    tree = walk(tmp_path)
    words = [b"news", b"newsletter", b"mails", b"nowhere"]
    assert each_containing(tree, tree.sizes, words) == {word: [*containing(tree, tree.sizes, {word})] for word in words}
    assert each_containing(tree, tree.sizes, []) == {}
