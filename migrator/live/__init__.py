"""What is wrong with running job systems: servers are asked, read-only, and what they say is held against limits and against the code."""

from migrator.live.limits import LiveSettings
from migrator.live.looking import look_at

__all__ = ["LiveSettings", "look_at"]
