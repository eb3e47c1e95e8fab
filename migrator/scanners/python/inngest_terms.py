"""Names of Inngest's Python SDK."""

from __future__ import annotations

SYSTEM = "inngest"
PACKAGE = "inngest"

CLIENT = "inngest.Inngest"
#: what makes a function; as functions of the package, and for synchronous code alone, in the first versions
CREATES = frozenset(
    (
        *(f"{CLIENT}().create_function", f"{CLIENT}().create_function_sync"),
        *("inngest.create_function", "inngest.create_function_sync"),
    )
)
SENDS = frozenset((f"{CLIENT}().send", f"{CLIENT}().send_sync"))
EVENT = "inngest.Event"
#: module that holds `serve` -> the framework it is for
FRAMEWORKS = {
    "inngest.fast_api": "FastAPI",
    "inngest.flask": "Flask",
    "inngest.django": "Django",
    "inngest.tornado": "Tornado",
    "inngest.digital_ocean": "DigitalOcean Functions",
}
CONNECT = frozenset(("inngest.connect.connect", "inngest.experimental.connect.connect"))
