"""The store: schema, migrations, writing, and reading through a scope."""
