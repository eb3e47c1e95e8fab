"""The double runs the articles application's real functions: Inngest 4 in the application, Inngest 3 in its mailer."""

from __future__ import annotations

import hashlib
import uuid
from datetime import timedelta

import pytest

from tests.doubles.inngest import InngestDouble, SdkError
from tests.doubles.stage import Stage

pytestmark = pytest.mark.behaviour


def test_one_event_starts_every_function_that_listens(stage: Stage) -> None:
    _, url = stage.import_article()

    assert stage.run("summarize-article").status == "Completed"
    assert stage.run("index-article").output == {"indexed": url}
    assert stage.effects("search.put", "summary.stored") == [("search.put", url, 1, "ok"), ("summary.stored", url, 1, "ok")]


def test_a_finished_step_is_not_run_again_when_a_later_one_fails(stage: Stage) -> None:
    stage.rehearse({"model.summarize": {"*": {"failFirst": 2}}})
    began = stage.server.now

    _, url = stage.import_article()

    run = stage.run("summarize-article")
    assert run.status == "Completed"
    assert [(a.number, a.ok) for a in run.attempts if a.step == "ask-model"] == [(1, False), (2, False), (3, True)]
    assert run.attempts_at("read-opening") == 1
    assert [attempt for _, _, attempt, _ in stage.effects("model.summarize")] == [1, 2, 3]
    assert stage.server.now - began >= timedelta(seconds=15 + 30), "the backoff table's first two entries"
    assert stage.effects("summary.stored") == [("summary.stored", url, 1, "ok")]


def test_retries_are_counted_for_each_step_and_then_the_run_fails(stage: Stage) -> None:
    stage.rehearse({"model.summarize": {"*": {"failFirst": 99}}})

    stage.import_article()

    run = stage.run("summarize-article")
    assert run.status == "Failed"
    assert run.attempts_at("ask-model") == 3, "retries: 2"
    assert run.attempts_at("read-opening") == 1
    assert "model.summarize answered 503" in (run.error or {})["message"]
    assert stage.effects("summary.stored") == []


def test_a_function_that_says_nothing_has_four_retries(stage: Stage) -> None:
    stage.rehearse({"mail.sent": {"*": {"failFirst": 99}}})

    stage.server.send({"name": "review/submitted", "data": {"reviewId": "r1", "articleId": str(uuid.uuid4()), "editor": "e@x.example"}})
    stage.server.run_until_idle()

    assert stage.run("await-review").status == "Failed"
    assert stage.run("await-review").attempts_at("ask-editor") == 5


def test_nonretriable_errors_end_a_run_at_once(stage: Stage) -> None:
    url = f"https://{uuid.uuid4().hex}.example/gone"
    stage.rehearse({"page.fetch": {url: {"gone": True}}})

    stage.server.send({"name": "feed/entry.found", "data": {"feed": "test", "url": url}})
    stage.server.run_until_idle()

    run = stage.run("import-feed-entry")
    assert run.status == "Failed"
    assert run.attempts_at("import") == 1
    assert stage.runs("index-article") == []


def test_retry_after_is_what_the_error_asked_for(stage: Stage) -> None:
    url = f"https://{uuid.uuid4().hex}.example/busy"
    stage.rehearse({"page.fetch": {url: {"failFirst": 1, "status": 429, "retryAfter": 3600}}})
    stage.server.send({"name": "feed/entry.found", "data": {"feed": "test", "url": url}})

    stage.server.advance("59m")
    assert stage.run("import-feed-entry").active
    stage.server.advance("2m")

    assert stage.run("import-feed-entry").status == "Completed"
    assert stage.effects("page.fetch") == [("page.fetch", url, 1, "failed"), ("page.fetch", url, 2, "ok")]


def test_an_evaluation_fans_out_invokes_and_tells_the_subscribers_after_ten_minutes(stage: Stage) -> None:
    stage.post("/subscribers", {"email": "bo@readers.example", "name": "Bo"})
    stage.post("/subscribers", {"email": "ada@readers.example", "name": "Ada"})
    article, url = stage.import_article("night-trains")

    stage.post(f"/v2/articles/{article}/evaluations", {"requestedBy": "carl"})
    stage.server.settle()

    run = stage.run("evaluate-article")
    assert run.status == "Completed"
    assert {a.step for a in run.attempts if "-" in a.step and a.step[-1].isdigit()} == {
        f"{plugin}-{chunk}" for plugin in ("claims", "links", "readability", "spelling") for chunk in (0, 1)
    }
    child = stage.run("grade-evaluation")
    assert child.event.name == "inngest/function.invoked"
    assert child.output["grade"] == run.output["grade"] == stage.rows("SELECT grade FROM evaluations")[0][0]
    assert len(stage.effects("model.ask")) == 2, "one remote plugin, two chunks, no step twice"
    assert stage.effects("evaluation.finished") == [("evaluation.finished", url, 1, "ok")]

    assert stage.run("notify-subscribers").active, "it sleeps"
    assert stage.effects("mail.sent") == []
    stage.server.advance("10m")
    assert [key for _, key, _, _ in stage.effects("mail.sent")] == [
        f"ada@readers.example worth reading {url}",
        f"bo@readers.example worth reading {url}",
    ]


def test_a_failed_parallel_step_is_retried_alone_and_in_its_own_time(stage: Stage) -> None:
    article, _ = stage.import_article("night-trains")
    ((text,),) = stage.rows("SELECT text FROM chunks WHERE position = 1")
    key = f"claims:{hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()[:10]}"
    stage.rehearse({"model.ask": {key: {"failFirst": 1}}})

    stage.server.send({"name": "evaluation/requested", "data": {"articleId": article, "requestedBy": "carl"}})
    stage.server.settle()
    run = stage.run("evaluate-article")
    assert (run.attempts_at("claims-0"), run.attempts_at("claims-1"), run.attempts_at("links-0")) == (1, 1, 0)
    stage.server.advance("15s")

    assert run.status == "Completed"
    assert (run.attempts_at("claims-0"), run.attempts_at("claims-1"), run.attempts_at("links-0")) == (1, 2, 1)
    assert run.attempts_at("open-evaluation") == 1
    assert stage.rows("SELECT count(*) FROM evaluations") == [(1,)]


def test_a_run_that_fails_for_good_reaches_its_failure_handler(stage: Stage) -> None:
    stage.server.send({"name": "evaluation/requested", "data": {"articleId": str(uuid.uuid4()), "requestedBy": "dora"}})
    stage.server.run_until_idle()

    assert stage.run("evaluate-article").status == "Failed"
    assert stage.run("evaluate-article").attempts_at("load-article") == 1, "NonRetriableError"
    assert stage.run("evaluate-article-failure").status == "Completed"
    assert stage.effects("evaluation.failed") == [("evaluation.failed", "dora", 1, "ok")]


def test_a_condition_on_the_trigger_keeps_events_out(stage: Stage) -> None:
    for data in ({"grade": 6.9, "url": "low"}, {"grade": 7, "url": "high"}):
        stage.server.send({"name": "evaluation/completed", "data": data})
    for data in ({"url": "minor", "title": "t", "minor": True}, {"url": "major", "title": "t"}):
        stage.server.send({"name": "article/updated", "data": data})
    stage.server.settle()

    assert [run.event.data["url"] for run in stage.runs("notify-subscribers")] == ["high"]
    assert [key for _, key, _, _ in stage.effects("search.put")] == ["major"]


@pytest.mark.parametrize("accepted", [True, False])
def test_a_wait_ends_with_the_event_that_matches(stage: Stage, accepted: bool) -> None:
    mine, other = uuid.uuid4().hex, uuid.uuid4().hex
    stage.post("/reviews", {"reviewId": mine, "articleId": str(uuid.uuid4()), "editor": "e@x.example"})
    stage.server.settle()
    stage.post(f"/reviews/{other}/decision", {"accepted": not accepted})
    stage.server.advance("2d")
    assert stage.run("await-review").active

    stage.post(f"/reviews/{mine}/decision", {"accepted": accepted})
    stage.server.settle()

    assert stage.run("await-review").output == {"reviewId": mine, "outcome": "accepted" if accepted else "rejected"}
    assert stage.effects("review.decided", "review.expired") == [("review.decided", mine, 1, "ok")]


def test_a_wait_that_nobody_ends_times_out(stage: Stage) -> None:
    article, _ = stage.import_article()
    stage.post("/reviews", {"reviewId": "late", "articleId": article, "editor": "e@x.example"})
    stage.server.settle()

    stage.server.advance("71h")
    assert stage.run("await-review").active
    stage.server.advance("2h")

    assert stage.run("await-review").output == {"reviewId": "late", "outcome": "expired"}
    assert stage.rows("SELECT status::text FROM articles") == [("ARCHIVED",)]


def test_an_event_with_the_same_id_starts_a_function_once_a_day(stage: Stage) -> None:
    entry = f"https://{uuid.uuid4().hex}.example/night-trains"
    stage.post("/hooks/websub", {"feed": "f", "entries": [entry, entry]})
    stage.post("/hooks/websub", {"feed": "f", "entries": [entry]})
    stage.server.settle()
    assert len(stage.runs("import-feed-entry")) == 1

    stage.server.advance("25h")
    stage.post("/hooks/websub", {"feed": "f", "entries": [entry]})
    stage.server.settle()
    assert len(stage.runs("import-feed-entry")) == 2


def test_steps_of_a_loop_are_told_apart(stage: Stage) -> None:
    feeds = {f"https://f{n}.example/{uuid.uuid4().hex}": [f"https://{uuid.uuid4().hex}.example/bread-clock"] for n in (1, 2)}
    for url, entries in feeds.items():
        stage.post("/feeds", {"url": url, "title": "t", "entries": entries})

    stage.post("/feeds/refresh")
    stage.server.run_until_idle()

    assert stage.run("refresh-feeds").output == {"feeds": 2, "found": 2}
    assert [key for _, key, _, _ in stage.effects("feed.fetch")] == sorted(feeds)
    assert len(stage.runs("import-feed-entry")) == 2


def test_crons_fire_when_time_passes_in_their_own_time_zone(stage: Stage) -> None:
    stage.server.advance("24h")

    digests = stage.runs("nightly-digest")
    assert [run.queued_at.astimezone(run.queued_at.tzinfo).minute for run in digests] == [30]
    assert digests[0].queued_at.hour in (0, 1), "half past two in Berlin, in UTC"
    assert digests[0].event.name == "inngest/scheduled.timer"
    assert [run.queued_at.hour for run in stage.runs("refresh-feeds")] in ([0, 6, 12, 18], [6, 12, 18, 0], [12, 18, 0, 6], [18, 0, 6, 12])
    assert stage.effects("digest.skipped") == [("digest.skipped", "nightly", 1, "ok")]


def test_the_digest_crosses_over_to_the_mailer(stage: Stage) -> None:
    stage.post("/subscribers", {"email": "eve@readers.example", "name": "Eve"})
    article, _ = stage.import_article("night-trains")
    stage.server.send({"name": "evaluation/requested", "data": {"articleId": article, "requestedBy": "x"}})
    stage.server.run_until_idle()

    stage.server.fire_cron("nightly-digest")
    stage.server.run_until_idle()

    assert stage.run("send-digest").status == "Completed"
    assert ("mail.delivered", "eve@readers.example digest of 1", 1, "ok") in stage.effects()


def test_version_three_sleeps_between_two_mails(stage: Stage) -> None:
    stage.server.send({"name": "user/registered", "data": {"email": "fay@x.example", "name": "Fay"}})
    stage.server.settle()
    assert stage.effects() == [("mail.delivered", "fay@x.example welcome", 1, "ok")]

    stage.server.run_until_idle()
    assert stage.run("welcome-series").status == "Completed"
    assert stage.effects() == [("mail.delivered", "fay@x.example welcome", 1, "ok"), ("mail.delivered", "fay@x.example tips", 1, "ok")]


MAIL = {"to": "g@x.example", "template": "receipt", "about": "receipt 7", "variables": {"amount": "3"}}
KEY = "g@x.example receipt 7"


def test_version_three_retries_a_body_without_steps(stage: Stage) -> None:
    stage.rehearse({"mail.delivered": {KEY: {"failFirst": 2}}})

    stage.server.send({"name": "mail/resend.requested", "data": MAIL})
    stage.server.run_until_idle()

    assert stage.run("deliver-mail").output == {"delivered": "receipt:receipt 7"}
    assert [(attempt, outcome) for _, _, attempt, outcome in stage.effects()] == [(1, "failed"), (2, "failed"), (3, "ok")]


def test_version_three_gives_up_and_says_so(stage: Stage) -> None:
    stage.rehearse({"mail.delivered": {KEY: {"failFirst": 99}}})

    stage.server.send({"name": "mail/requested", "data": MAIL})
    stage.server.run_until_idle()

    assert stage.run("deliver-mail").status == "Failed"
    assert len(stage.effects("mail.delivered")) == 5
    assert stage.effects("mail.given-up") == [("mail.given-up", KEY, 1, "ok")]


@pytest.mark.parametrize(("status", "attempts"), [(550, 5), (410, 1)])
def test_version_three_tells_permanent_errors_from_others(stage: Stage, status: int, attempts: int) -> None:
    stage.rehearse({"mail.delivered": {KEY: {"failFirst": 99, "status": status}}})

    stage.server.send({"name": "mail/requested", "data": MAIL})
    stage.server.run_until_idle()

    assert len(stage.effects("mail.delivered")) == attempts


def test_version_three_waits_as_long_as_it_was_told(stage: Stage) -> None:
    stage.rehearse({"mail.delivered": {KEY: {"failFirst": 1, "status": 429, "retryAfter": 120}}})
    stage.server.send({"name": "mail/requested", "data": MAIL})

    stage.server.advance("119s")
    assert stage.run("deliver-mail").active
    stage.server.advance("2s")

    assert stage.run("deliver-mail").status == "Completed"


def test_an_event_that_nobody_listens_to_does_nothing(stage: Stage) -> None:
    stage.post("/feeds/rebuild", {"by": "me"})
    stage.server.run_until_idle()

    assert "search/rebuild.requested" in [event.name for event in stage.server.events]
    assert stage.runs("rebuild-search") == [], "defined, but not served"
    assert len(stage.runs("refresh-feeds")) == 1


def test_an_application_that_is_not_there_is_named() -> None:
    with InngestDouble() as server, pytest.raises(SdkError, match=r"127\.0\.0\.1:9"):
        server.register("http://127.0.0.1:9/api/inngest")
