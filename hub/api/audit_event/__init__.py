"""The log as its readers meet it: AuditEvent in a mandate, and the proof's checkpoints."""
