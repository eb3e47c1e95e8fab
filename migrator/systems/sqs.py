"""AWS SQS with Lambda or a polling worker, and what else starts a Lambda on its own: numbers from botocore's own model."""

from __future__ import annotations

from migrator.jobs import Backoff, Literal
from migrator.systems.facts import RetryFacts, System
from migrator.systems.sqs_capabilities import CAPABILITIES
from migrator.systems.sqs_limits import LIMITS

#: how often a message is received before a redrive policy moves it away, where the policy does not say
MAXIMUM_RECEIVES = 10
#: seconds for which a received message stays hidden
VISIBILITY_TIMEOUT = 30
#: the longest delay of a message, in seconds
MAXIMUM_DELAY = 900
#: messages that a Lambda gets at once, and seconds that it may take, where nothing is said
BATCH_SIZE = 10
FUNCTION_TIMEOUT = 3
#: the same under the Serverless Framework, which has a default of its own
SERVERLESS_TIMEOUT = 6

SYSTEM = System(
    name="sqs",
    title="AWS SQS and Lambda",
    languages=("typescript", "javascript", "python"),
    worker_per_queue=True,
    bulk="`SendMessageBatch`, up to ten messages",
    bulk_forms=("sendMessageBatch", "send_message_batch"),
    list_forms=("putEvents",),
    npm=(
        *("@aws-sdk/client-sqs", "sqs-consumer", "sqs-producer", "@ssut/nestjs-sqs", "@aws-lambda-powertools/batch"),
        *("@aws-sdk/client-scheduler", "@middy/sqs-partial-batch-failure", "@middy/sqs-json-body-parser"),
    ),
    pypi=("sqs-workers", "django-eb-sqs", "pysqs", "sqs-listener", "pysqslistener", "aws-sqs-consumer", "types-aiobotocore-sqs"),
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
    latency_floor="milliseconds to seconds: Lambda and long polling both wait at the queue",
    infrastructure="AWS: queues, Lambdas or a polling worker, EventBridge for schedules",
    parallelism="Lambdas, up to 1,000 at once for an account unless raised",
    cost="by requests and by the time of the Lambdas, with a free share",
    capabilities=CAPABILITIES,
    limits=LIMITS,
    source="botocore's service model",
)
