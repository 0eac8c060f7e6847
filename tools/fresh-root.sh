# shellcheck shell=bash
# A fresh Debian 12 in the directory $ROOT, that boots its own systemd beside the machine's: it shares
# the kernel, but no process, file, socket or network.

root_mirror() {
    # shellcheck disable=SC2016 # a name of apt, no variable
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Codename: bookworm' | head -n 1
}

root_make() {
    debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,ca-certificates bookworm \
        "$ROOT" "$(root_mirror)"
    # Nothing starts before it boots.
    printf '#!/bin/sh\nexit 101\n' >"$ROOT/usr/sbin/policy-rc.d"
    chmod 0755 "$ROOT/usr/sbin/policy-rc.d"
    cp --dereference /etc/resolv.conf "$ROOT/etc/resolv.conf"
    root_apt update
}

# root_apt ARGUMENT...: apt-get in the directory, before it boots; it has the machine's network then.
root_apt() {
    unshare --mount --pid --fork --kill-child --mount-proc="$ROOT/proc" chroot "$ROOT" \
        env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Options::=--force-unsafe-io "$@" </dev/null
}

# root_boot LOG
root_boot() {
    local groups
    rm "$ROOT/usr/sbin/policy-rc.d"
    groups=$(findmnt --noheadings --output TARGET --types cgroup2 | head -n 1)
    [ -n "$groups" ] || die "there is no cgroup2 here, which systemd needs"
    ROOT_GROUP=$groups/leap-ws-package.$$
    mkdir "$ROOT_GROUP"
    (
        echo "$BASHPID" >"$ROOT_GROUP/cgroup.procs"
        exec setsid unshare --pid --mount --uts --ipc --net --cgroup --fork --kill-child \
            "$SOURCE/tools/boot-root" "$ROOT"
    ) >"$1" 2>&1 </dev/null &
    ROOT_PARENT=$!
    wait_until 10 root_has_process || die "nothing boots: $(tail -n 1 "$1")"
    wait_until 60 root_has_systemd || die "systemd did not start: $(tail -n 1 "$1")"
    # "degraded" is good enough, when it is not for what is tried here.
    inside systemctl is-system-running --wait >/dev/null || true
}

root_has_process() {
    read -r -d ' ' ROOT_PROCESS <"/proc/$ROOT_PARENT/task/$ROOT_PARENT/children"
}

root_has_systemd() {
    inside test -S /run/systemd/private
}

# inside COMMAND...: as its root.
inside() {
    timeout 300 nsenter --target "$ROOT_PROCESS" --all \
        env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 "$@"
}

root_halt() {
    [ -n "${ROOT_GROUP:-}" ] || return 0
    # Its first process takes all others with it.
    kill -KILL "${ROOT_PROCESS:-$ROOT_PARENT}" || true
    wait "$ROOT_PARENT" || true
    wait_until 10 root_remove_groups || true
    ROOT_GROUP=
}

root_remove_groups() {
    find "$ROOT_GROUP" -depth -type d -exec rmdir {} + 2>/dev/null
}
