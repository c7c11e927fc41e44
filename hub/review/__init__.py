"""The systematic review of the log: which accesses are looked at first, and what came of it."""
