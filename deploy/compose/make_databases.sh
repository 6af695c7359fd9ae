#!/bin/bash
# PostgreSQL's image runs this once, when its volume is empty: a login and a database each for Airflow and for lineage.
# Passwords go in as psql's variables, from standard input: a command line can be seen by everybody on the machine.
set -euo pipefail
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'EOSQL'
\set airflow `cat /run/secrets/postgres_airflow_password`
\set owner `cat /run/secrets/postgres_owner_password`
CREATE ROLE airflow LOGIN PASSWORD :'airflow';
-- Makes the roles egoetl_owner, egoetl_writer and egoetl_reader and the logins in them: egoetl db roles, egoetl db login.
CREATE ROLE egoetl_admin LOGIN CREATEROLE PASSWORD :'owner';
CREATE DATABASE airflow OWNER airflow;
CREATE DATABASE egoetl OWNER egoetl_admin;
REVOKE CONNECT ON DATABASE airflow, egoetl FROM PUBLIC;
EOSQL
