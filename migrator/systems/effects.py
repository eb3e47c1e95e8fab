"""What calls do that cannot be taken back: messages and money, by package; mails are listed with the slow calls. What tells jobs apart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal as OneOf

from migrator.regex import regex

Effect = OneOf["mail", "message", "money"]

#: pattern of a call's key -> what it does
EFFECTS: Mapping[str, Effect] = {
    r"^stripe\b.*(?:charges|payment_?[iI]ntents|PaymentIntent|Charge|refunds?|Refund|transfers|Transfer|payouts|Payout)(?:\(\))?"
    r"\.(?:create|confirm|capture)(?:_async)?$": "money",
    r"^stripe\b.*(?:invoices|Invoice)\.(?:pay|create)$": "money",
    r"^(?:braintree|razorpay|@paypal/\S+|paypalrestsdk|@mollie/api-client|square)\b.*\.(?:sale|refund|capture|execute|create)$": "money",
    r"^twilio\b.*messages.*\.create$": "message",
    r"^(?:@vonage/\S+|vonage|messagebird|plivo)\b.*\.(?:send|create)$": "message",
    r"^(?:web-push\b.*\.sendNotification|pywebpush\.webpush)$": "message",
    r"^(?:firebase-admin|firebase_admin)\b.*\.(?:send|sendEach|sendMulticast|sendEachForMulticast|send_each|send_multicast)$": "message",
    r"^(?:@slack/web-api|slack_sdk)\b.*\.(?:postMessage|chat_postMessage)$": "message",
}
#: what makes a second call with the same key do nothing, as an option or header
KEYS = regex(r"idempotency|Idempotency|messageId|message_id|MessageDeduplicationId|dedup|requestId|request_id", re.IGNORECASE)
#: a key that is another one each time, and so keeps nothing out
FRESH = regex(
    r"(?:idempotency\w*|Idempotency-Key)[\"']?\s*[:=]\s*(?:uuid|randomUUID|crypto\.randomUUID|nanoid|str\(uuid|Date\.now)", re.IGNORECASE
)
#: names of jobs that somebody waits for, and of jobs that come in bulk
URGENT = regex(
    r"passw|reset|(?<![a-z])otp(?![a-z])|2fa|mfa|verif|magic.?link|sign.?in|log.?in(?![a-z])|payment|charge|refund|security|fraud|checkout",
    re.IGNORECASE,
)
BULK = regex(
    r"newsletter|digest|report|campaign|broadcast|bulk|clean.?up|export|import|backfill|marketing|remind|promo|summary|expir|sync.?all",
    re.IGNORECASE,
)
#: packages that keep calls below a rate
LIMITERS = (
    *("bottleneck", "p-limit", "p-queue", "p-throttle", "limiter", "rate-limiter-flexible", "@upstash/ratelimit", "async-sema"),
    *("aiolimiter", "ratelimit", "pyrate-limiter", "limits", "asyncio-throttle", "throttled-queue"),
)
