"""Files that never mention a job system but use what one that does offers: found by what they import, however it reaches them.

Each tree is read twice by `scan_tree`, once with all short cuts and once without any, and must give the same.
"""

from __future__ import annotations

import pytest

from migrator.jobs import Enqueue, Job

QUEUE = 'import { Queue } from "bullmq";\nexport const mails = new Queue("mail");\n'
WRAPPER = QUEUE + "export async function post(name, data) {\n  await mails.add(name, data);\n}\n"
MADE = """
const { Queue } = require("bullmq");
function open(name) { return new Queue(name, {}); }
const queues = { mail: open("mail"), push: open("push") };
"""
SERVICE = """
import { Queue } from "bullmq";
const queue = new Queue("mail");
export class MailService {
  enqueue(name: string, data: object) { return queue.add(name, data); }
}
"""

#: form -> files; `use.ts` must hold exactly one enqueue, of `welcome`
FORMS = {
    "named import": {"q.ts": QUEUE, "use.ts": 'import { mails } from "./q";\nmails.add("welcome", {});'},
    "aliased import": {"q.ts": QUEUE, "use.ts": 'import { mails as m } from "./q";\nm.add("welcome", {});'},
    "namespace": {"q.ts": QUEUE, "use.ts": 'import * as queues from "./q";\nqueues.mails.add("welcome", {});'},
    "a name too short to search for": {
        "lib/queues.ts": 'import { Queue } from "bullmq";\nexport const q = new Queue("mail");',
        "use.ts": 'import { q } from "./lib/queues";\nq.add("welcome", {});',
    },
    "default import under a name of its own": {
        "lib/queue/index.ts": 'import { Queue } from "bullmq";\nexport default new Queue("mail");',
        "use.ts": 'import outbox from "./lib/queue";\noutbox.add("welcome", {});',
    },
    "barrel of barrels": {
        "a/q.ts": QUEUE,
        "a/index.ts": 'export * from "./q";',
        "index.ts": 'export { mails } from "./a";',
        "use.ts": 'import { mails } from ".";\nmails.add("welcome", {});',
    },
    "renamed by a barrel": {
        "q.ts": QUEUE,
        "lib.ts": 'export { mails as outbox } from "./q";',
        "use.ts": 'import { outbox } from "./lib";\noutbox.add("welcome", {});',
    },
    "renamed by a barrel that imports first": {
        "q.ts": QUEUE,
        "lib.ts": 'import { mails } from "./q";\nexport { mails as outbox };',
        "use.ts": 'import { outbox } from "./lib";\noutbox.add("welcome", {});',
    },
    "default made a name by a barrel": {
        "q.ts": 'import { Queue } from "bullmq";\nexport default new Queue("mail");',
        "lib.ts": 'export { default as outbox } from "./q";',
        "use.ts": 'import { outbox } from "./lib";\noutbox.add("welcome", {});',
    },
    "CommonJS": {
        "q.js": 'const { Queue } = require("bullmq");\nconst mails = new Queue("mail");\nmodule.exports = { mails };',
        "use.ts": 'const { mails } = require("./q");\nmails.add("welcome", {});',
    },
    "CommonJS that passes all of a module on": {
        "q.js": 'const { Queue } = require("bullmq");\nexports.mails = new Queue("mail");',
        "lib.js": 'module.exports = require("./q");',
        "use.ts": 'const { mails } = require("./lib");\nmails.add("welcome", {});',
    },
    "CommonJS function": {
        "q.js": 'const { Queue } = require("bullmq");\nconst q = new Queue("mail");\nmodule.exports = (name) => q.add(name);',
        "use.ts": 'const enqueue = require("./q");\nenqueue("welcome");',
    },
    "handed on as it came, in an object of CommonJS": {
        "q.js": 'const { Queue } = require("bullmq");\nmodule.exports = { Queue, other: 1 };',
        "use.ts": 'const { Queue } = require("./q");\nconst outbox = new Queue("mail");\noutbox.add("welcome", {});',
    },
    "imported and exported": {
        "q.ts": 'import { Queue } from "bullmq";\nexport { Queue };',
        "use.ts": 'import { Queue } from "./q";\nconst outbox = new Queue("mail");\noutbox.add("welcome", {});',
    },
    "in a layer of a Lambda": {
        "layers/shared/nodejs/q.js": 'const { Queue } = require("bullmq");\nexports.mails = new Queue("mail");',
        "use.ts": 'const { mails } = require("/opt/nodejs/q");\nmails.add("welcome", {});',
    },
    "handed among others to a function of a file that names no system": {
        "main.js": """
            const { Queue } = require("bullmq");
            const send = require("./use");
            let outbox;
            exports.start = () => { outbox = new Queue("mail"); };
            exports.run = (task, done) => send(task, { outbox, log: console.log }, done);
        """,
        "use.ts": """
            const run = async (task, options) => { const outbox = options.outbox; await outbox.add("welcome", { id: task.id }); };
            module.exports = (task, options, done) => { run(task, options).then(() => done(null)).catch(done); };
        """,
    },
    "CommonJS that gives out an object of queues": {
        "q.js": MADE + "module.exports = queues;",
        "use.ts": 'const { mail } = require("./q");\nmail.add("welcome", {});',
    },
    "CommonJS that spreads an object of queues": {
        "q.js": MADE + "module.exports = { ...queues, close() {} };",
        "use.ts": 'const { mail: outbox } = require("./q");\noutbox.add("welcome", {});',
    },
    "CommonJS that gives out an object filled later": {
        "q.js": MADE + "const all = {};\nall.mail = open('mail');\nmodule.exports = all;",
        "use.ts": 'const { mail } = require("./q");\nmail.add("welcome", {});',
    },
    "CommonJS barrel that spreads modules": {
        "a.js": 'const { Queue } = require("bullmq");\nexports.mail = new Queue("mail");',
        "b.js": 'const { Queue } = require("bullmq");\nmodule.exports = { push: new Queue("push") };',
        "q.js": 'const a = require("./a");\nmodule.exports = { ...a, ...require("./b") };',
        "use.ts": 'const { push } = require("./q");\npush.add("welcome", {});',
    },
    "objects put together": {
        "q.js": MADE + "module.exports = Object.assign({}, queues, { close() {} });",
        "use.ts": 'const { mail } = require("./q");\nmail.add("welcome", {});',
    },
    "frozen object": {
        "q.ts": 'import { Queue } from "bullmq";\nexport const queues = Object.freeze({ mail: new Queue("mail") });',
        "use.ts": 'import { queues } from "./q";\nqueues.mail.add("welcome", {});',
    },
    "name of a frozen object": {
        "q.ts": QUEUE,
        "names.js": 'module.exports = Object.freeze({ WELCOME: "welcome" });',
        "use.ts": 'import { mails } from "./q";\nconst NAMES = require("./names");\nmails.add(NAMES.WELCOME, {});',
    },
    "folder under a name of its own": {
        "package.json": '{"_moduleAliases": {"@lib": "server/lib"}}',
        "server/lib/q.js": 'const { Queue } = require("bullmq");\nexports.mails = new Queue("mail");',
        "use.ts": 'const { mails } = require("@lib/q");\nmails.add("welcome", {});',
    },
    "package's folder by a sign": {
        "package.json": "{}",
        "src/server/q.ts": QUEUE,
        "use.ts": 'import { mails } from "~/server/q";\nmails.add("welcome", {});',
    },
    "required in a way that bundlers do not see": {
        "q.ts": 'const { Queue: Q } = eval("require")("bullmq") as typeof import("bullmq");\nexport const mails = new Q("mail");',
        "use.ts": 'import { mails } from "./q";\nmails.add("welcome", {});',
    },
    "handed to a function that is handed over": {
        "q.ts": """
            import { Queue } from "bullmq";
            export async function withMails<T>(run: (mails: Queue) => Promise<T>) {
              const mails = new Queue("mail");
              try { return await run(mails); } finally { await mails.close(); }
            }
        """,
        "use.ts": 'import { withMails } from "./q";\nexport const go = () => withMails((q) => q.add("welcome", {}));',
    },
    "handed to a function that is handed over, without types": {
        "q.js": """
            const { Queue } = require("bullmq");
            exports.withMails = async (run) => { const mails = new Queue("mail"); await run(1, mails); };
        """,
        "use.ts": 'const { withMails } = require("./q");\nwithMails(async (n, q) => { await q.add("welcome", {}); });',
    },
    "required where it is used": {"q.ts": QUEUE, "use.ts": 'require("./q").mails.add("welcome");'},
    "imported where it is used": {"q.ts": QUEUE, "use.ts": 'export const f = async () => (await import("./q")).mails.add("welcome");'},
    "object of queues": {
        "q.ts": 'import { Queue } from "bullmq";\nexport const queues = { a: { mail: new Queue("mail") } };',
        "use.ts": 'import { queues } from "./q";\nqueues.a.mail.add("welcome", {});',
    },
    "function that makes one": {
        "q.ts": 'import { Queue } from "bullmq";\nexport function open(name) { return new Queue(name); }',
        "mid.ts": 'import { open } from "./q";\nexport const outbox = open("mail");',
        "use.ts": 'import { outbox } from "./mid";\noutbox.add("welcome", {});',
    },
    "function that returns an object of them": {
        "q.ts": 'import { Queue } from "bullmq";\nexport const open = () => ({ mail: new Queue("mail") });',
        "use.ts": 'import { open } from "./q";\nconst { mail } = open();\nmail.add("welcome", {});',
    },
    "wrapper": {"q.ts": WRAPPER, "use.ts": 'import { post } from "./q";\npost("welcome", {});'},
    "default wrapper": {
        "post-mail.ts": 'import { mails } from "./q";\nexport default async (name) => { const go = () => mails.add(name); await go(); };',
        "q.ts": QUEUE,
        "use.ts": "",
    },
    "wrapper of a wrapper that gives nothing back": {
        "q.ts": WRAPPER,
        "mid.ts": 'import { post } from "./q";\nexport async function postLater(name) { await post(name, {}); }',
        "use.ts": 'import { postLater } from "./mid";\nvoid postLater("welcome");',
    },
    "wrapper in a closure": {
        "q.ts": QUEUE,
        "mid.ts": 'import { mails } from "./q";\nexport const makePost = () => ({ post(name) { return mails.add(name, {}); } });',
        "use.ts": 'import { makePost } from "./mid";\nconst mailer = makePost();\nmailer.post("welcome");',
    },
    "wrapper that is handed the queue": {
        "lib.ts": 'export function put(queue, name) { return queue.add(name, {}); }\nexport const bullmq = "here";',
        "q.ts": QUEUE,
        "use.ts": 'import { mails } from "./q";\nimport { put } from "./lib";\nput(mails, "welcome");',
    },
    "service, instance in another file": {
        "service.ts": SERVICE,
        "mid.ts": 'import { MailService } from "./service";\nexport const mailer = new MailService();',
        "use.ts": 'import { mailer } from "./mid";\nmailer.enqueue("welcome", {});',
    },
    "service, handed to a constructor": {
        "service.ts": SERVICE,
        "use.ts": """
            import { MailService } from "./service";
            class Signup { constructor(private mail: MailService) {} run() { return this.mail.enqueue("welcome", {}); } }
        """,
    },
    "service, by inheritance": {
        "service.ts": SERVICE,
        "mid.ts": 'import { MailService } from "./service";\nexport class Outbox extends MailService {}',
        "use.ts": 'import { Outbox } from "./mid";\nnew Outbox().enqueue("welcome", {});',
    },
    "service in an object of services": {
        "service.ts": SERVICE,
        "mid.ts": 'import { MailService } from "./service";\nexport const services = { mail: new MailService() };',
        "use.ts": 'import { services } from "./mid";\nservices.mail.enqueue("welcome", {});',
    },
    "client on a framework's context": {
        "q.ts": QUEUE.replace("mails", "mailQueue"),
        "use.ts": 'export default (app) => app.queues.mailQueue.add("welcome", {});',
    },
    "wrapper around a client on a framework's context": {
        "q.ts": QUEUE.replace("mails", "mailQueue"),
        "mid.ts": "export const post = (app, name) => app.queues.mailQueue.add(name, {});",
        "use.ts": 'import { post } from "./mid";\npost({}, "welcome");',
    },
    "object that stands in for a client, on a framework's context": {
        "q.ts": """
            import PgBoss from "pg-boss";
            export default async function plugin(app) {
              const boss = new PgBoss("");
              const welcomes = { name: "welcome", send: (request) => boss.send({ name: "welcome", data: request.data }) };
              app.decorate("queues", { welcomes });
            }
        """,
        "use.ts": "export default (app) => app.queues.welcomes.send({ data: 1 });",
    },
    "workspace package": {
        "package.json": '{"workspaces": ["packages/*"]}',
        "packages/q/package.json": '{"name": "@acme/q", "main": "dist/index.js"}',
        "packages/q/src/index.ts": QUEUE,
        "use.ts": 'import { mails } from "@acme/q";\nmails.add("welcome", {});',
    },
}
FORMS["default wrapper"]["use.ts"] = 'import send from "./post-mail";\nsend("welcome", {});'


@pytest.mark.parametrize("files", FORMS.values(), ids=FORMS)
def test_a_use_is_found(scan_tree, files: dict[str, str]) -> None:
    inventory = scan_tree(files)
    found = [i.name for i in inventory.production if isinstance(i, Enqueue) and i.location.path == "use.ts"]
    assert found == ["welcome"]


#: form -> text of `use.ts`, in which nothing is to be found
LOOK_ALIKES = {
    "a set": 'import { mails } from "./other";\nmails.add("welcome");',
    "a name of its own": 'const mails = new Set();\nmails.add("welcome");',
    "a parameter of the same name": 'import "./q";\nexport const f = (set: Set<string>) => set.add("welcome");',
    "another member of an object that is given out": 'const { close } = require("./all");\nclose.add("welcome");',
    "what a function that is handed over is handed besides": 'import { withMails } from "./with";\nwithMails((n, _) => n.add("x"));',
    "a function of the same name that is handed over": 'const withMails = (run) => run(new Set());\nwithMails((q) => q.add("welcome"));',
    "a module that a spread does not have": 'const { mails } = require("./spread");\nmails.add("welcome");',
    "only mentioned": '// mails.add("welcome")\nconsole.log("mails.add");',
}


@pytest.mark.parametrize("use", LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_a_look_alike_is_not(scan_tree, use: str) -> None:
    others = {
        "all.js": MADE + "module.exports = { ...queues, close: new Set() };",
        "spread.js": 'module.exports = { ...require("./other") };',
    }
    inventory = scan_tree({"q.ts": QUEUE, "other.ts": "export const mails = new Set();", **others, "use.ts": use})
    assert [i for i in inventory.items if i.location.path == "use.ts"] == []


def test_files_that_import_nothing_of_it_are_not_parsed(scan_tree) -> None:
    unrelated = {f"page{n}.ts": 'import { mails } from "./other";\nmails.delete("welcome");' for n in range(5)}
    inventory = scan_tree({"q.ts": QUEUE, "other.ts": "export const mails = new Set();", **unrelated})
    assert inventory.stats.files_parsed == 1


@pytest.mark.parametrize("form", [f for f in FORMS if "context" in f])
def test_what_is_tied_by_a_name_alone_is_likely(scan_tree, form: str) -> None:
    found = [i for i in scan_tree(FORMS[form]).of(Enqueue) if i.location.path == "use.ts"]
    assert [i.confidence for i in found] == ["likely"]
    assert "by the name" in found[0].reason


#: how `use.py` reaches the decorator and the task of `shop/tasks.py`, without a word that names Celery
PYTHON_FORMS = {
    "a module of a package": "from shop import tasks\ntasks.welcome.delay()\n",
    "a module by its whole path": "import shop.tasks\nshop.tasks.welcome.delay()\n",
    "a module under another name": "import shop.tasks as t\nt.welcome.delay()\n",
    "a module that is handed on": "from shop import tasks\ndef go(module):\n    module.welcome.delay()\ngo(tasks)\n",
    "everything of a module": "from shop.tasks import *\nwelcome.delay()\n",
    "a module that a package renames": "from shop import jobs\njobs.welcome.delay()\n",
}
SHOP = {
    "shop/__init__.py": "from . import tasks as jobs\n",
    "shop/tasks.py": "from celery import shared_task\n@shared_task(name='welcome')\ndef welcome(): ...\nNAME = 'shop'\n",
}


@pytest.mark.parametrize("use", PYTHON_FORMS.values(), ids=PYTHON_FORMS)
def test_a_task_of_a_module_is_found(scan_tree, use: str) -> None:
    found = scan_tree({**SHOP, "use.py": use}).of(Enqueue)
    assert [(i.name, i.location.path) for i in found] == [("welcome", "use.py")]


@pytest.mark.parametrize(
    "use",
    [
        "from shop import tasks\nprint(tasks.NAME)\n",
        "import shop.tasks\nprint(shop.tasks.NAME, 'tasks.welcome')\n",
        "import shop\nprint(shop.__file__)\n",
        "from shop.tasks import *\nprint(NAME)\n",
    ],
)
def test_a_file_that_asks_a_module_for_nothing_of_it_is_not_parsed(scan_tree, use: str) -> None:
    assert scan_tree({**SHOP, "use.py": use}).stats.files_parsed == 1


def test_a_decorator_that_is_prepared_leads_on(scan_tree) -> None:
    worker = "from functools import partial\nfrom rq.decorators import job as rq_job\njob = partial(rq_job, connection=None)\n"
    use = "from worker import job\n@job('default', timeout=300)\ndef check(): ...\n"
    assert [(j.name, j.location.line) for j in scan_tree({"worker.py": worker, "use.py": use}).of(Job)] == [("use.check", 2)]


@pytest.mark.parametrize("after", ["", "<Welcome>", "?."])
def test_a_method_is_found_by_its_name_through_a_base_class(scan_tree, after: str) -> None:
    files = {
        "base.ts": "export abstract class Post { abstract sendMail(name: string, data: object): void; }",
        "service.ts": """
            import { Queue } from "bullmq";
            import { Post } from "./base";
            const queue = new Queue("mail");
            export class QueuedPost extends Post { sendMail(name: string, data: object) { return queue.add(name, data); } }
        """,
        "use.ts": f'import {{ Post }} from "./base";\nexport const welcome = (post: Post) => post.sendMail{after}("welcome", {{}});',
        "other.ts": 'import { Post } from "./base";\nexport class Paper extends Post { sendMail() {} }',
    }
    inventory = scan_tree(files)
    assert [i.name for i in inventory.of(Enqueue) if i.location.path == "use.ts"] == ["welcome"]
    assert "other.ts" not in {i.location.path for i in inventory.items}


def test_what_a_member_is_made_of_in_which_nothing_leads_on_is_not_parsed(scan_tree) -> None:
    shop = "from celery import shared_task\nfrom plain import make\n@shared_task\ndef send(): ...\nclass Shop:\n"
    members = "    def __init__(self): self.helper = make()\n    def go(self): send.delay()\n"
    inventory = scan_tree({"shop.py": f"{shop}{members}", "plain.py": "def make(): return 3\n"})
    assert len(inventory.of(Enqueue)) == 1
    assert inventory.stats.files_parsed == 1
