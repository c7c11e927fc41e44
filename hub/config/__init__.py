"""Files that people write. Every error says file and line, key, what is wrong and the remedy."""
