# shellcheck shell=bash
# Builds the program in a directory of its own.

# The files that autoreconf makes stand in the source tree, which other builds may be using. It makes
# Makefile.in last: where that is, all are.
build_generate() {
    exec 8<"$SOURCE/configure.ac"
    flock 8
    if [ ! -e "$SOURCE/Makefile.in" ] || [ "$SOURCE/configure.ac" -nt "$SOURCE/configure" ] ||
        [ "$SOURCE/Makefile.am" -nt "$SOURCE/Makefile.in" ]; then
        rm -f "$SOURCE/Makefile.in"
        (cd "$SOURCE" && autoreconf --install)
    fi
    exec 8<&-
}

# build_program DIRECTORY OPTION...: the options are configure's, and count when the directory is new. Where it
# fails, it shows the end of the log, build.log of the directory.
build_program() (
    local status=0
    # A build that was killed may have left files half written.
    [ ! -e "$1/unfinished" ] || rm -rf "$1"
    mkdir -p "$1"
    cd "$1" || exit
    exec 9>&2 >build.log 2>&1
    touch unfinished
    {
        build_generate && { [ -e config.status ] || "$SOURCE/configure" "${@:2}"; } &&
            make -j "$(nproc)"
    } || status=$?
    rm -f unfinished
    [ "$status" = 0 ] || tail -n 30 build.log >&9
    exit $status
)
