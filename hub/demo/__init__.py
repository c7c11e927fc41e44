"""The demo: a hub with invented documents, and what each reader gets from it by law."""
