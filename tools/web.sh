# shellcheck shell=bash
# The web server of an instance: nginx or Apache, with the site that is shipped for it, on loopback.

HTTPS_PORT=${LEAP_HTTPS_PORT:-8443}
HTTP_PORT=${LEAP_HTTP_PORT:-8080}
WEB=${INSTANCE_WEB:-nginx}

# Each says what to run (WEB_NAME, WEB_COMMAND) and writes its configuration (web_configure).
case $WEB in
    nginx)
        # shellcheck source=tools/nginx.sh
        . "$SOURCE/tools/nginx.sh" ;;
    apache | cgi)
        # shellcheck source=tools/apache.sh
        . "$SOURCE/tools/apache.sh" ;;
    *) die "INSTANCE_WEB is nginx, apache or cgi, not \"$WEB\"" ;;
esac

web_fingerprint() {
    (cd "$DIRECTORY" && find etc tls/leap-ws.crt -type f -exec cat {} + | sha256sum | cut -c 1-64)
}

port_free() {
    ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

web_start() {
    local fingerprint
    certificate_ensure
    rm -rf "${DIRECTORY:?}/etc"
    mkdir -p "$DIRECTORY/etc/snippets" "$DIRECTORY/tmp" "$DIRECTORY/domains"
    "$SOURCE/tools/reference-page" "$DIRECTORY/docs"
    web_configure
    fingerprint=$(web_fingerprint)
    daemon_alive "$WEB_NAME" && [ "$DAEMON_FINGERPRINT" = "$fingerprint" ] && return
    web_stop
    port_free "$HTTPS_PORT" || die "port $HTTPS_PORT is in use; name another: LEAP_HTTPS_PORT=9443"
    port_free "$HTTP_PORT" || die "port $HTTP_PORT is in use; name another: LEAP_HTTP_PORT=9080"
    rm -f "$RUN/$WEB_NAME.master.pid"
    daemon_start "$WEB_NAME" "$fingerprint" "$DIRECTORY/log/$WEB_NAME.log" "${WEB_COMMAND[@]}"
    # Both write a file of their own once they listen.
    wait_until 10 web_decided || true
    web_listens || die "$WEB_NAME did not start: $(tail -n 1 "$DIRECTORY/log/$WEB_NAME.log")"
}

web_listens() {
    [ -s "$RUN/$WEB_NAME.master.pid" ] && daemon_alive "$WEB_NAME"
}

web_decided() {
    web_listens || daemon_gone "$WEB_NAME"
}

# Whichever it was that the instance was started with.
web_stop() {
    daemon_stop nginx
    daemon_stop apache2
}
