#!/usr/bin/env bash
# Private RabbitMQ and PostgreSQL for tests: own ports, data, node name and passwords, on the loopback only.
# usage: servers.sh start|stop|status      (make servers, make servers-stop)
#        servers.sh organisation NAME      room for one more organisation on both
# SERVERS_DIR (default var/servers), SERVERS_AMQP_PORT (25672) and SERVERS_POSTGRES_PORT (25432) give another pair.
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
dir=${SERVERS_DIR:-$project/var/servers}
amqp_port=${SERVERS_AMQP_PORT:-25672}
postgres_port=${SERVERS_POSTGRES_PORT:-25432}

say() { echo "servers: $*"; }
fail() { echo "servers: $*" >&2; exit 1; }
as_root() { [ "$(id -u)" = 0 ]; }
as_postgres() { if as_root; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi; }
alive() { [ -s "$1" ] && running "$(head -1 "$1")"; }
running() { grep -q '^State:.[^ZX]' "/proc/$1/status" 2>/dev/null; }
answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
random_word() { head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n'; }

# Installing ---------------------------------------------------------------------------------------------------------

postgres_bin() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1; }

install_missing() {
  local missing=()
  [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || missing+=(rabbitmq-server)
  [ -n "$(postgres_bin)" ] || missing+=(postgresql)
  [ ${#missing[@]} = 0 ] && return
  local by_hand="install ${missing[*]} yourself, or set QUINZAINE_TEST_AMQP_URL and QUINZAINE_TEST_DATABASE_URL to servers of yours"
  sh "$project/deploy/debian.sh" "${missing[@]}" || fail "${missing[*]} missing: $by_hand."
}

# Where data lie: PostgreSQL does not run as root, and its own user must be able to reach them ------------------------

choose_place() {
  mkdir -p "$dir"
  if [ ! -s "$dir/place" ]; then
    local reachable=$dir
    if as_root && ! as_postgres test -x "$dir"; then
      reachable=/var/tmp/quinzaine-servers-$(echo "$dir" | cksum | cut -d' ' -f1)
    fi
    echo "$reachable" >"$dir/place"
  fi
  place=$(cat "$dir/place")
  mkdir -p "$place"
}

password() { # a password is made once and kept
  [ -s "$dir/$1" ] || (umask 077 && random_word >"$dir/$1")
  cat "$dir/$1"
}

# RabbitMQ -----------------------------------------------------------------------------------------------------------

rabbit_environment() {
  export HOME=$place/rabbitmq RABBITMQ_NODENAME=quinzaine-$amqp_port@localhost RABBITMQ_CONF_ENV_FILE=/dev/null
  export RABBITMQ_CONFIG_FILE=$place/rabbitmq/rabbitmq.conf RABBITMQ_ENABLED_PLUGINS_FILE=$place/rabbitmq/plugins
  export RABBITMQ_MNESIA_BASE=$place/rabbitmq/data RABBITMQ_LOG_BASE=$place/rabbitmq/log RABBITMQ_PID_FILE=$place/rabbitmq/pid
  export RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 RABBITMQ_NODE_PORT=$amqp_port RABBITMQ_DIST_PORT=$((amqp_port + 10000))
  export ERL_EPMD_PORT=$((amqp_port + 10001)) ERL_EPMD_ADDRESS=127.0.0.1
  # a test broker needs neither busy waiting nor a scheduler per core
  export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}"
}

start_rabbit() (
  alive "$place/rabbitmq/pid" && exit 0
  answers "$amqp_port" && fail "port $amqp_port is taken by another program: set SERVERS_AMQP_PORT to a free one."
  mkdir -p "$place/rabbitmq"
  chmod 700 "$place/rabbitmq"
  rabbit_environment
  echo '[].' >"$RABBITMQ_ENABLED_PLUGINS_FILE"
  (umask 077 && printf 'default_user = quinzaine\ndefault_pass = %s\n' "$(password amqp_password)" >"$RABBITMQ_CONFIG_FILE")
  rm -f "$RABBITMQ_PID_FILE"
  setsid /usr/lib/rabbitmq/bin/rabbitmq-server >"$place/rabbitmq/start.log" 2>&1 </dev/null &
  for _ in $(seq 600); do
    answers "$amqp_port" && exit 0
    sleep 0.2
  done
  fail "RabbitMQ did not start: see $place/rabbitmq/start.log."
)

add_vhost() (
  rabbit_environment
  /usr/lib/rabbitmq/bin/rabbitmqctl -q add_vhost "$1"
  /usr/lib/rabbitmq/bin/rabbitmqctl -q set_permissions -p "$1" quinzaine '.*' '.*' '.*'
)

stop_rabbit() (
  if alive "$place/rabbitmq/pid"; then end "$place/rabbitmq/pid" TERM; fi
  rabbit_environment
  epmd -port "$ERL_EPMD_PORT" -kill >/dev/null 2>&1 || true # the daemon of this private port, started with the node
)

# PostgreSQL ---------------------------------------------------------------------------------------------------------

start_postgres() (
  local bin data=$place/postgres
  bin=$(postgres_bin)
  alive "$data/postmaster.pid" && answers "$postgres_port" && exit 0
  answers "$postgres_port" && fail "port $postgres_port is taken by another program: set SERVERS_POSTGRES_PORT to a free one."
  if [ ! -s "$data/PG_VERSION" ]; then
    rm -rf "$data"
    mkdir -p "$data"
    (umask 077 && password postgres_password >"$data.pw")
    if as_root; then chown postgres "$data" "$data.pw"; fi
    as_postgres "$bin/initdb" -D "$data" -U postgres -A scram-sha-256 --pwfile="$data.pw" -E UTF8 --locale=C >/dev/null
    rm -f "$data.pw"
  fi
  : >"$place/postgres.log"
  if as_root; then chown postgres "$place/postgres.log"; fi
  for _ in $(seq 30); do # after a kill -9 the old lock file may name a process that is still dying
    as_postgres "$bin/pg_ctl" -D "$data" -l "$place/postgres.log" -w -s start \
      -o "-c port=$postgres_port -c listen_addresses=127.0.0.1 -c unix_socket_directories=" >/dev/null 2>&1 && exit 0
    sleep 0.5
  done
  fail "PostgreSQL did not start: see $place/postgres.log."
)

provision() (
  export PGHOST=127.0.0.1 PGPORT=$postgres_port PGUSER=postgres PGPASSWORD
  PGPASSWORD=$(password postgres_password)
  for service in registration scheduling notifications; do password "${service}_password" >/dev/null; done
  psql -qXtA -d postgres -c "SELECT 1 FROM pg_database WHERE datname = 'quinzaine'" | grep -q 1 ||
    psql -qX -d postgres -c 'CREATE DATABASE quinzaine'
  sh "$project/deploy/postgres/provision.sh" "$dir" quinzaine "$@"
)

stop_postgres() {
  alive "$place/postgres/postmaster.pid" || return 0
  end "$place/postgres/postmaster.pid" INT
}

# ---------------------------------------------------------------------------------------------------------------------

end() { # end PIDFILE SIGNAL: and wait until it is gone
  local pid
  pid=$(head -1 "$1")
  kill "-$2" "$pid"
  for _ in $(seq 150); do
    running "$pid" || return 0
    sleep 0.2
  done
  fail "process $pid does not end; its log is in $place."
}

write_addresses() {
  local amqp
  amqp="amqp://quinzaine:$(password amqp_password)@127.0.0.1:$amqp_port/"
  umask 077
  cat >"$dir/env" <<ENV
export QUINZAINE_TEST_AMQP_URL=$amqp
export QUINZAINE_TEST_DATABASE_URL=postgresql://postgres:$(password postgres_password)@127.0.0.1:$postgres_port/postgres
ENV
  for service in registration scheduling notifications; do
    cat >"$dir/$service.env" <<ENV
export QUINZAINE_AMQP_URL=$amqp
export QUINZAINE_DATABASE_URL=postgresql://$service:$(password "${service}_password")@127.0.0.1:$postgres_port/quinzaine
export QUINZAINE_SECRET=$(password secret)
ENV
  done
}

is_up() { alive "$place/rabbitmq/pid" && alive "$place/postgres/postmaster.pid"; }

case ${1:-} in
  start)
    install_missing
    choose_place
    if is_up; then say "already running (RabbitMQ on port $amqp_port, PostgreSQL on port $postgres_port)"; exit 0; fi
    start_rabbit
    start_postgres
    provision
    write_addresses
    say "RabbitMQ on port $amqp_port, PostgreSQL on port $postgres_port; addresses in $dir/env"
    ;;
  stop)
    [ -s "$dir/place" ] || { say "nothing to stop"; exit 0; }
    choose_place
    stop_rabbit
    stop_postgres
    say "stopped; data stay in $place"
    ;;
  status)
    [ -s "$dir/place" ] && choose_place && is_up && { say "running"; exit 0; }
    say "not running"
    exit 1
    ;;
  organisation)
    choose_place
    add_vhost "quinzaine-${2:?give its name}"
    provision "$2"
    ;;
  *) fail "usage: servers.sh start|stop|status|organisation NAME" ;;
esac
