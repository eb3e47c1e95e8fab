"""Tables of queues that one file makes and others fill; lists that are gathered in one file and sent in another."""

from __future__ import annotations

import pytest

from migrator.jobs import Client, Enqueue, Inventory, literal_of
from tests.scanners.conftest import Scan

TABLES = """
    export const queues: Record<string, any> = {};
    export const map = new Map();
    export class Registry { static queues: any = {}; }
    """
#: how another file puts a queue in -> how a third one uses it
FORMS = {
    "under a name": ("queues.mail = mail;", "queues.mail"),
    "under a text": ("queues['mail'] = mail;", "queues.mail"),
    "if it is missing": ("queues.mail ??= mail;", "queues['mail']"),
    "as something else": ("(queues as any).mail = mail;", "queues.mail"),
    "with others at once": ("Object.assign(queues, { mail, other: 1 });", "queues.mail"),
    "in a map": ("map.set('mail', mail);", "map.get('mail')"),
    "in a static field": ("Registry.queues.mail = mail;", "Registry.queues.mail"),
    "within a function": ("export function fill() { queues.mail = mail; }", "queues.mail"),
}
FILL = "import { Queue } from 'bullmq';\nimport { map, queues, Registry } from './tables';\nconst mail = new Queue('mail');\n"
USE = "import { map, queues, Registry } from './tables';\n"


def told(inventory: Inventory) -> list[tuple[str, object]]:
    return [(e.name, literal_of(e.queue)) for e in inventory.of(Enqueue) if not e.wrapper]


@pytest.mark.parametrize("form", FORMS)
def test_a_table_that_another_file_fills(scan_tree: Scan, form: str) -> None:
    put, used = FORMS[form]
    files = {"tables.ts": TABLES, "fill.ts": FILL + put, "use.ts": f"{USE}export const f = () => {used}.add('welcome', {{}});"}
    assert told(scan_tree(files)) == [("welcome", "mail")]


WRITTEN = {
    "a short name": "export const q: Record<string, any> = {};",
    "exported apart": "const q: any = {};\nexport { q };",
    "of one name with another": "export const queues = {}, q: any = {};",
}


@pytest.mark.parametrize("form", WRITTEN)
def test_a_table_however_it_is_written(scan_tree: Scan, form: str) -> None:
    fill = "import { Queue } from 'bullmq';\nimport { q } from './tables';\nq.mail = new Queue('mail');"
    use = "import { q } from './tables';\nexport const f = () => q.mail.add('welcome', {});"
    assert told(scan_tree({"tables.ts": WRITTEN[form], "fill.ts": fill, "use.ts": use})) == [("welcome", "mail")]


def test_through_a_barrel_and_under_another_name(scan_tree: Scan) -> None:
    files = {
        "lib/tables.ts": TABLES,
        "lib/index.ts": "export { queues } from './tables';",
        "fill.ts": "import { Queue } from 'bullmq';\nimport * as tables from './lib/tables';\ntables.queues.mail = new Queue('mail');",
        "use.ts": "import { queues as all } from './lib';\nexport const f = () => all.mail.add('welcome', {});",
    }
    assert told(scan_tree(files)) == [("welcome", "mail")]


def test_another_table_of_that_name(scan_tree: Scan) -> None:
    files = {
        "tables.ts": TABLES,
        "fill.ts": "import { Queue } from 'bullmq';\nconst queues: any = {};\nqueues.mail = new Queue('mail');",
        "use.ts": f"{USE}export const f = () => queues.mail.add('welcome', {{}});",
    }
    assert told(scan_tree(files)) == []


def test_what_is_gathered_in_other_files_is_sent_where_it_is_gathered(scan_tree: Scan) -> None:
    files = {
        "gather.ts": "export const pending = [];\nexport function remember(name, data) { pending.push({ name, data }); }",
        "more.ts": "import { pending, remember } from './gather';\npending.push({ name: 'first', data: 1 });\nremember('second', 2);",
        "send.ts": """
            import { Queue } from "bullmq";
            import { pending } from "./gather";
            const mails = new Queue("mail");
            export async function flush() { for (const job of pending) await mails.add(job.name, job.data); }
            """,
    }
    assert [(e.name, e.location.path, e.location.line) for e in scan_tree(files).of(Enqueue) if not e.wrapper] == [
        ("first", "more.ts", 2),
        ("second", "more.ts", 3),
    ]


def test_what_a_function_gathers_for_itself_is_sent_where_it_sends(scan_tree: Scan) -> None:
    code = """
        import { Queue } from "bullmq";
        const mails = new Queue("mail");
        export async function all(users) {
          const jobs = [];
          for (const user of users) jobs.push({ name: "welcome", user });
          for (const job of jobs) await mails.add(job.name, job);
        }
        """
    assert [e.location.line for e in scan_tree({"a.ts": code}).of(Enqueue)] == [7]


def test_queues_that_are_made_for_each_name_are_not_called_by_their_variable(scan_tree: Scan) -> None:
    code = """
        import { Queue } from "bullmq";
        const known = ["a", "b"].map((name) => { const q = new Queue(name); return q; });
        const unknown = process.env.NAMES.split(",").map((name) => { const q = new Queue(name); return q; });
        export const make = (name) => { const made = new Queue(name); return made; };
        const mails = new Queue(process.env.MAILS);
        """
    assert [(c.name, c.location.line) for c in scan_tree({"a.ts": code}).of(Client)] == [("a", 3), ("b", 3), ("", 4), ("", 5), ("mails", 6)]
