# shellcheck shell=bash
# Where the quickstart keeps its data: in var/ of the checkout, or where that cannot be, in /var/lib
# and /run under a name made from the checkout's path, with var/ a link there.

SOCKET_PATH_LIMIT=107

# Prints why var/ cannot be in the checkout; nothing when it can.
place_obstacle() {
    local socket=$SOURCE/var/run/postgresql/.s.PGSQL.5432 user
    for user in "$DATABASE_USER" "$WORKER_USER"; do
        run_as "$user" test -x "$SOURCE" || { say "the user $user may not enter $SOURCE"; return; }
    done
    [ ${#socket} -le $SOCKET_PATH_LIMIT ] || say "the path $SOURCE is too long for a socket's"
}

place_name() {
    printf 'leap-ws-%s' "$(printf '%s' "$SOURCE" | sha256sum | cut -c 1-12)"
}

# as_root COMMAND...: by sudo where this does not run as root.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# place_directory PATH: makes one that is the caller's.
place_directory() {
    [ -d "$1" ] || as_root install -d -m 0755 -o "$(id -un)" "$1" ||
        die "$1 could not be made; that needs root or sudo"
}

# A var/ of someone else's holds processes that cannot be stopped and files that cannot be written.
place_check_owner() {
    local owner
    [ -d "$SOURCE/var" ] || return 0
    owner=$(stat -L -c %U "$SOURCE/var")
    [ "$owner" = "$(id -un)" ] ||
        die "$SOURCE/var belongs to $owner: run this as $owner, or as $owner first: $0 reset"
}

place_ensure() {
    local obstacle name
    obstacle=$(place_obstacle)
    name=$(place_name)
    if [ -n "$obstacle" ] && [ ! -L "$SOURCE/var" ]; then
        [ ! -e "$SOURCE/var" ] || die "$obstacle; remove $SOURCE/var, so that it can be elsewhere"
        say "$obstacle: data and sockets go to /var/lib/$name and /run/$name"
        ln -s "/var/lib/$name" "$SOURCE/var"
    fi
    if [ -L "$SOURCE/var" ]; then
        # /run is empty after the machine has started anew.
        place_directory "$(readlink "$SOURCE/var")"
        [ -L "$SOURCE/var/run" ] || ln -s "/run/$name" "$SOURCE/var/run"
        place_directory "$(readlink "$SOURCE/var/run")"
    fi
    mkdir -p "$SOURCE/var/run"
}

place_remove() {
    if [ -L "$SOURCE/var" ]; then
        as_root rm -rf "$(readlink "$SOURCE/var/run")" "$(readlink "$SOURCE/var")"
    fi
    rm -rf "${SOURCE:?}/var"
}
