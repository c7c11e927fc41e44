"""Who is asking: tokens of trusted issuers, what they may, and the assignment they act under."""
