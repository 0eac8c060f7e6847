# shellcheck shell=bash
# shellcheck disable=SC2034 # what reads this uses the variables
# What all the scripts here share: messages, waiting, and the users that things run as.

export PATH="/usr/lib/postgresql/15/bin:$PATH:/usr/sbin:/sbin"
export LC_ALL=C.UTF-8
umask 022

say() {
    printf '%s\n' "$*"
}

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# wait_until SECONDS COMMAND...: succeeds as soon as the command does.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -le "$deadline" ] || return 1
        sleep 0.02
    done
}

# PostgreSQL refuses to run as root, and what answers requests should not: as root each has a user
# of its own, so that a worker reaches the database only as the role that the API logs in as.
if [ "$(id -u)" = 0 ]; then
    DATABASE_USER=postgres
    WORKER_USER=www-data
else
    DATABASE_USER=$(id -un)
    WORKER_USER=$DATABASE_USER
fi

# run_as USER COMMAND...: from a directory that every user may enter.
run_as() {
    local user=$1
    shift
    if [ "$user" = "$(id -un)" ]; then
        (cd / && "$@")
    else
        (cd / && setpriv --reuid="$user" --regid="$user" --init-groups -- "$@")
    fi
}

# own USER PATH...: gives them to the user, where that is not the one who runs this.
own() {
    local user=$1
    shift
    [ "$user" = "$(id -un)" ] || chown "$user:$user" "$@"
}

# Make, nginx and libpq each give some characters of a path a meaning of their own.
require_plain_path() {
    case ${1//[^[:ascii:]]/} in
        *[!A-Za-z0-9._/+@~-]*)
            die "the path \"$1\" has characters that the build tools cannot take;" \
                "move it to one of letters, digits and . _ / + @ ~ -" ;;
    esac
}
