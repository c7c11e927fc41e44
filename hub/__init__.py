"""The hub: store, ingest, API, authentication, log, web and command line."""
