# shellcheck shell=bash
# The program's workers: some for everything, and a few with a lower priority and a short queue for
# creates, since hashing a password costs as much as hundreds of reads.

read -r WORKERS CREATE_WORKERS < <("$SOURCE/systemd/leap-ws-generator" --numbers)
WORKERS=${INSTANCE_WORKERS:-$WORKERS}
CREATE_WORKERS=${INSTANCE_CREATE_WORKERS:-$CREATE_WORKERS}

# worker_pool NAME COUNT BACKLOG NICENESS: the workers on the socket NAME.sock run this program.
worker_pool() {
    local name=$1 count=$2 backlog=$3 niceness=$4 fingerprint users=() session=any
    fingerprint=$({ echo "$@"; cat "$PROGRAM"; } | sha256sum | cut -c 1-64)
    daemon_alive "$name" && [ "$DAEMON_FINGERPRINT" = "$fingerprint" ] && return
    daemon_stop "$name"
    rm -f "$RUN/$name.sock"
    [ "$WORKER_USER" = "$(id -un)" ] ||
        users=(-u "$WORKER_USER" -g "$WORKER_USER" -U "$WORKER_USER" -G "$WORKER_USER")
    [ -z "${INSTANCE_DATABASE_HOSTS:-}" ] || session=read-write
    # multiwatch gives up on a child that ends too often, unless told to try for ever.
    PGUSER=leap_api PGDATABASE=$DATABASE PGHOST=${INSTANCE_DATABASE_HOSTS:-$PGHOST} \
        PGTARGETSESSIONATTRS=$session daemon_start "$name" "$fingerprint" \
        "$DIRECTORY/log/$name.log" nice -n "$niceness" \
        spawn-fcgi -n -s "$RUN/$name.sock" -M 0660 -b "$backlog" "${users[@]}" -- \
        /usr/bin/multiwatch -f "$count" -r 1000000 -- "$PROGRAM"
    wait_until 10 test -S "$RUN/$name.sock" ||
        die "the workers did not start: $(tail -n 1 "$DIRECTORY/log/$name.log")"
}

workers_start() {
    [ -x "$PROGRAM" ] || die "there is no program $PROGRAM; build it first"
    worker_pool leap-ws "$WORKERS" 511 0
    worker_pool leap-ws-create "$CREATE_WORKERS" 64 10
}

workers_stop() {
    daemon_stop leap-ws
    daemon_stop leap-ws-create
}
