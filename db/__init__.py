"""The store: schema, migrations, log readers, validation, imports, demo data and the registry of models."""
