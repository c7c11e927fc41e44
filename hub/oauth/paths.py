"""Where the hub's own OAuth endpoints stand."""

TOKEN = "/oauth/token"  # noqa: S105  # nosec B105 - a path
INTROSPECT = "/oauth/introspect"
REVOKE = "/oauth/revoke"
