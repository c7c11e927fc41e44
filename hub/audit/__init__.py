"""The log: every access recorded before its answer leaves, provable afterwards (DESIGN §6)."""
