"""$open: the ladder by which a reader comes to one person's documentation."""
