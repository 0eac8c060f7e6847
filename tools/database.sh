# shellcheck shell=bash
# The PostgreSQL cluster of an instance: reached through a Unix socket only, where the system's
# user decides the role: root and the cluster's owner may be any, a worker is the API's.

DATABASE=leap
DATABASE_ROLES=(postgres leap_dba leap_api leap_backup leap_login)

# Nothing of the caller's own PostgreSQL settings counts here.
unset "${!PG@}"

database_environment() {
    DATA=$DIRECTORY/data
    export PGHOST=$RUN/postgresql PGPORT=5432
}

database_make() {
    local made=$DIRECTORY/data.new
    rm -rf "$made"
    if [ -n "${INSTANCE_TEMPLATE:-}" ]; then
        cp -a "$INSTANCE_TEMPLATE" "$made"
    else
        mkdir -m 0700 "$made"
        own "$DATABASE_USER" "$made"
        run_as "$DATABASE_USER" initdb --pgdata="$made" --username=postgres --locale=C.UTF-8 \
            --encoding=UTF8 --auth=reject ${INSTANCE_SCRATCH:+--no-sync} --no-instructions \
            >"$DIRECTORY/log/initdb.log" 2>&1 ||
            die "initdb failed: $(tail -n 1 "$DIRECTORY/log/initdb.log")"
    fi
    mv "$made" "$DATA"
}

database_identities() {
    local user role
    for user in $(printf '%s\n' root "$DATABASE_USER" | sort -u); do
        for role in "${DATABASE_ROLES[@]}"; do
            printf 'leap "%s" %s\n' "$user" "$role"
        done
    done
    [ "$WORKER_USER" = "$DATABASE_USER" ] || printf 'leap "%s" leap_api\n' "$WORKER_USER"
}

# Written anew at each start, so that a moved directory works; ALTER SYSTEM is for one's own settings.
database_configure() {
    cat >"$DATA/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$PGHOST'
dynamic_shared_memory_type = mmap
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %u '
${INSTANCE_SCRATCH:+fsync = off}
CONF
    echo 'local all all peer map=leap' >"$DATA/pg_hba.conf"
    database_identities >"$DATA/pg_ident.conf"
}

database_running() {
    run_as "$DATABASE_USER" pg_ctl status --pgdata="$DATA" >/dev/null 2>&1
}

database_start() {
    [ -d "$DATA" ] || database_make
    database_running && return
    mkdir -p "$PGHOST"
    touch "$DIRECTORY/log/postgresql.log"
    own "$DATABASE_USER" "$PGHOST" "$DIRECTORY/log/postgresql.log"
    database_configure
    run_as "$DATABASE_USER" pg_ctl start --silent --wait --pgdata="$DATA" \
        --log="$DIRECTORY/log/postgresql.log" >/dev/null ||
        die "PostgreSQL did not start: $(tail -n 1 "$DIRECTORY/log/postgresql.log")"
}

database_stop() {
    database_running || return 0
    run_as "$DATABASE_USER" pg_ctl stop --silent --wait --mode=fast --pgdata="$DATA"
}

# psql_as ROLE ARGUMENTS...
psql_as() {
    PGUSER=$1 PGDATABASE=$DATABASE psql -X --quiet --no-align --tuples-only \
        --set=ON_ERROR_STOP=1 "${@:2}"
}

# A change as sqitch knows it, by name and time: the last one of the plan, and the last one deployed.
database_planned() {
    sed -nE 's/^([a-z0-9_-]+) (\[[^]]*\] )?([-0-9TZ:]+) .*/\1 \3/p' "$SOURCE/sql/sqitch.plan" | tail -n 1
}

database_deployed() {
    psql_as postgres 2>/dev/null <<'SQL'
SELECT change || to_char(planned_at AT TIME ZONE 'UTC', ' YYYY-MM-DD"T"HH24:MI:SS"Z"')
FROM sqitch.changes ORDER BY committed_at DESC LIMIT 1
SQL
}

# Makes the database, and brings its schema up to that of the source tree; sqitch takes a second or
# more to find out that there is nothing to do.
database_deploy() {
    [ "$(database_deployed)" != "$(database_planned)" ] || return 0
    [ -n "$(psql_as postgres --dbname=postgres \
        --command="SELECT 1 FROM pg_database WHERE datname = '$DATABASE'")" ] ||
        psql_as postgres --dbname=postgres --command="CREATE DATABASE $DATABASE"
    (cd "$SOURCE/sql" && PGUSER=postgres SQITCH_FULLNAME=leap-ws SQITCH_EMAIL=root@localhost \
        sqitch --quiet deploy "db:pg:$DATABASE") ||
        die "the schema could not be deployed; what PostgreSQL says of it is in" \
            "$DIRECTORY/log/postgresql.log"
}
