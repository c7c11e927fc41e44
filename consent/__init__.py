"""What the law lets a reader see: pure functions of facts, request and instant. Standard library only."""
