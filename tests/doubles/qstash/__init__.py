"""A test double of the QStash service: enough of its documented HTTP interface to serve the real SDKs and to deliver to real endpoints.

    with QStashDouble() as service:
        QStash(service.token, base_url=service.url).message.publish_json(url="http://127.0.0.1:3000/jobs", body={"n": 1})

It takes messages, calls their destinations with a signed request, tries again with the documented backoff or the one asked for, keeps dead
letters, and writes the log that the observer reads. Time is real time. `stop` and `start` are an outage: nothing is answered or delivered.

What it does not prove: latency, order and limits of the real service; how soon its log shows an entry; URL groups, schedules, callbacks,
flow control and batches, which it does not have. Queues deliver one message at a time.
"""

from tests.doubles.qstash.double import QStashDouble

__all__ = ["QStashDouble"]
