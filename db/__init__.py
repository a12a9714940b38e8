"""The store: schema, migrations, log readers, imports, demo data, models and jobs."""
