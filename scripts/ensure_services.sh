#!/bin/sh
# Install and start PostgreSQL and Redis on this machine if they do not run (for continuous integration).
set -eu
port_open() { python3 -c "import socket,sys; socket.create_connection(('127.0.0.1', $1), 2)" 2>/dev/null; }

if ! port_open 5432; then
    command -v pg_ctlcluster >/dev/null || { apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql >/dev/null; }
    cluster=$(ls /etc/postgresql | sort -n | tail -1)
    pg_ctlcluster --skip-systemctl-redirect "$cluster" main start 2>/dev/null || true
    for _ in 1 2 3 4 5 6 7 8 9 10; do port_open 5432 && break; sleep 1; done
    # The tests connect as "postgres" over the loopback address.
    hba="/etc/postgresql/$cluster/main/pg_hba.conf"
    grep -q 'minga tests' "$hba" || { sed -i '1i host all postgres 127.0.0.1/32 trust # minga tests' "$hba"; pg_ctlcluster --skip-systemctl-redirect "$cluster" main reload; }
fi
if ! port_open 6379; then
    command -v redis-server >/dev/null || { apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq redis-server >/dev/null; }
    redis-server --daemonize yes --bind 127.0.0.1 --port 6379 --save "" --appendonly no >/dev/null
fi
