#!/bin/sh
# Makes every secret once, at the first start: DIR has one folder per container, each with what that container may know.
# usage: make-secrets.sh DIR
set -eu
umask 022
dir=$1

word() { python3 -c 'import secrets; print(secrets.token_hex(24))'; }
put() { # put FILE TEXT: never half written, never changed
  [ -s "$1" ] || { printf '%s\n' "$2" >"$1.new" && mv "$1.new" "$1"; }
}

put "$dir/rabbitmq/password" "$(word)"
put "$dir/postgres/postgres_password" "$(word)"
put "$dir/portal/secret" "$(word)"
amqp_url="amqp://quinzaine:$(cat "$dir/rabbitmq/password")@rabbitmq:5672/"
put "$dir/portal/amqp_url" "$amqp_url"
for service in registration scheduling notifications; do
  put "$dir/postgres/${service}_password" "$(word)"
  put "$dir/$service/database_url" "postgresql://$service:$(cat "$dir/postgres/${service}_password")@postgres:5432/quinzaine"
  put "$dir/$service/amqp_url" "$amqp_url"
  put "$dir/$service/secret" "$(cat "$dir/portal/secret")"
done
