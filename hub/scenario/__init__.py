"""Scenario files: a situation, what is asked, and what the law answers (docs/scenarios)."""
