"""The embedded installation on one machine: PostgreSQL, Airflow and the demo, all below EGOETL_HOME."""
