"""The attempt ledger in PostgreSQL: the only home of SQLAlchemy, psycopg2 and Alembic."""
