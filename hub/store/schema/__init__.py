"""The store's tables, one file for each thing that is stored."""
