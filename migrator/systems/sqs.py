"""AWS SQS, with Lambda or a polling worker: numbers from botocore's own model."""

from __future__ import annotations

from migrator.jobs import Backoff, Literal
from migrator.systems.facts import RetryFacts, System

#: how often a message is received before a redrive policy moves it away, where the policy does not say
MAXIMUM_RECEIVES = 10
#: seconds for which a received message stays hidden
VISIBILITY_TIMEOUT = 30
#: the longest delay of a message, in seconds
MAXIMUM_DELAY = 900

SYSTEM = System(
    name="sqs",
    title="AWS SQS",
    languages=("typescript", "javascript", "python"),
    npm=("@aws-sdk/client-sqs", "sqs-consumer", "sqs-producer", "@ssut/nestjs-sqs"),
    pypi=("dramatiq-sqs", "django-eb-sqs", "sqs-workers"),
    environment=("SQS_*", "AWS_SQS_*"),
    retry=RetryFacts(
        option="maxReceiveCount",
        counts="executions",
        default=None,
        automatic=True,
        backoff=Backoff("fixed", Literal(VISIBILITY_TIMEOUT)),
    ),
    time_unit="s",
    acknowledgement="late",
    source="botocore's service model",
)
