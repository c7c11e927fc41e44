"""Requests to lift a block: who is asked, what time does, what the person is told."""
