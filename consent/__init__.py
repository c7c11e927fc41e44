"""What the law lets a reader see: pure functions, on the standard library alone."""
