# shellcheck shell=bash
# shellcheck disable=SC2034 # what reads this uses the variables
# Background processes that outlive the script: started in a session of their own, known by a file
# NAME.pid in $RUN with the process's id, its time of start (an id alone may by now be another's)
# and a fingerprint of what it was started with.

# Fails when the process has ended, be it that nobody has asked for its status yet.
process_start_time() {
    local stat fields
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    # The second field, the command, may hold spaces and parentheses; the 22nd is the time.
    read -ra fields <<<"${stat##*) }"
    [ "${fields[0]}" != Z ] || return 1
    printf '%s' "${fields[19]}"
}

# daemon_alive NAME: sets $DAEMON_PID and $DAEMON_FINGERPRINT.
daemon_alive() {
    local started
    read -r DAEMON_PID started DAEMON_FINGERPRINT 2>/dev/null <"$RUN/$1.pid" || return 1
    [ "$(process_start_time "$DAEMON_PID")" = "$started" ]
}

# daemon_start NAME FINGERPRINT LOG COMMAND...
daemon_start() {
    local name=$1 fingerprint=$2 log=$3 pid
    shift 3
    pid=$(cd / && { setsid "$@" >>"$log" 2>&1 </dev/null & } && printf '%s' $!)
    printf '%s %s %s\n' "$pid" "$(process_start_time "$pid")" "$fingerprint" >"$RUN/$name.pid"
}

daemon_gone() {
    ! daemon_alive "$1"
}

# daemon_stop NAME: lets it finish what it has in hand; what does not end is killed with its session.
daemon_stop() {
    if daemon_alive "$1"; then
        kill -TERM "$DAEMON_PID"
        wait_until 10 daemon_gone "$1" || kill -KILL -- "-$DAEMON_PID"
    fi
    rm -f "$RUN/$1.pid"
}
