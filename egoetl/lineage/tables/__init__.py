"""The tables of the ledger. The migrations in `sql/migrations` make them; a test holds both equal."""
