"""Daily upkeep of the lineage database."""

from egoetl_airflow.upkeep import maintain_ledger_dag

dag = maintain_ledger_dag()
