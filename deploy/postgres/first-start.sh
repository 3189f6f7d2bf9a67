# Run by the PostgreSQL image at the first start of an empty data directory, on its local socket.
PGUSER=postgres sh /quinzaine/provision.sh /run/quinzaine "$POSTGRES_DB"
