"""The web console: a place for the people who review the log, and for the person it is about."""
