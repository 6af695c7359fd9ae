"""The Airflow side: recipes become DAGs whose tasks run `egoetl` command lines. Knows no database, store or model."""
