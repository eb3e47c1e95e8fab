"""Pages that show queues and let everybody who sees them retry and delete: how they are mounted, and what asks for a login."""

from __future__ import annotations

#: packages whose routers are such pages
PACKAGES = ("@bull-board/", "bull-board", "bull-arena", "@queuedash/", "@bull-monitor/", "agendash")
#: methods of an adapter of bull-board that give the router, or the plugin, that shows the page
ROUTERS = frozenset(("getRouter", "registerPlugin"))
#: options of a command line that starts Flower, and environment names, that make it ask for a login (flower 2.0)
FLOWER_OPTIONS = ("basic_auth", "basic-auth", "auth=", "auth_provider", "auth-provider", "auth ")
FLOWER_NAMES = ("FLOWER_BASIC_AUTH", "FLOWER_AUTH", "FLOWER_AUTH_PROVIDER")
#: with which Flower's interface for programs asks nobody
FLOWER_OPEN = "FLOWER_UNAUTHENTICATED_API"
