#!/bin/sh
# Gives each service its own role and schema in one database, and nothing else. Safe to run again (passwords are renewed).
# Connects as libpq is told (PGHOST, PGPORT, PGUSER, PGPASSWORD); the official PostgreSQL image runs it at first start.
# usage: provision.sh SECRETS_DIR [DATABASE [ORGANISATION ...]]
# SECRETS_DIR holds registration_password, scheduling_password, notifications_password. Each further organisation gets a
# role and schema of its own in each service (services/kit/organisations.py enters with the same names and passwords).
set -eu
secrets=${1:-${QUINZAINE_SECRETS:?give the directory that holds <service>_password}}
database=${2:-${POSTGRES_DB:-quinzaine}}
for service in registration scheduling notifications; do
  [ -s "$secrets/${service}_password" ] || { echo "provision.sh: $secrets/${service}_password is missing or empty" >&2; exit 1; }
done
psql -v ON_ERROR_STOP=1 -qX -d "$database" -v database="$database" <<'SQL'
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
SQL
provision() { # provision ROLE PASSWORD
  psql -v ON_ERROR_STOP=1 -qX -d "$database" -v database="$database" -v service="$1" -v password="$2" <<'SQL'
SELECT format('CREATE ROLE %I', :'service') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'service') \gexec
ALTER ROLE :"service" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT PASSWORD :'password';
GRANT CONNECT ON DATABASE :"database" TO :"service";
CREATE SCHEMA IF NOT EXISTS :"service" AUTHORIZATION :"service";
ALTER ROLE :"service" IN DATABASE :"database" SET search_path = :"service";
SQL
}
[ $# -lt 2 ] || shift 2
for service in registration scheduling notifications; do
  password=$(cat "$secrets/${service}_password")
  provision "$service" "$password"
  for organisation; do
    provision "${service}_$organisation" "$(printf %s "$password/$organisation" | sha256sum | cut -d' ' -f1)"
  done
done
