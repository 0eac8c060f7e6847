# shellcheck shell=bash
# The web server of an instance: the site of nginx/ with the paths, ports and names of the instance,
# under an nginx of its own on loopback.

HTTPS_PORT=${LEAP_HTTPS_PORT:-8443}
HTTP_PORT=${LEAP_HTTP_PORT:-8080}

web_site() {
    sed -e '/listen \[::\]/d' \
        -e "s|listen 443 |listen 127.0.0.1:$HTTPS_PORT |" \
        -e "s|listen 80;|listen 127.0.0.1:$HTTP_PORT;|" \
        -e "s|/etc/leap-ws/|$DIRECTORY/|" \
        -e "s|/run/leap-ws/|$RUN/|" \
        -e "s|/var/log/nginx/|$DIRECTORY/log/|" \
        -e 's|leap\.example\.com|leap.localhost|' "$SOURCE/nginx/leap-ws.conf"
}

web_main() {
    cat <<CONF
$([ "$WORKER_USER" = "$(id -un)" ] || echo "user $WORKER_USER;")
worker_processes auto;
daemon off;
pid $RUN/nginx.master.pid;
error_log $DIRECTORY/log/nginx.log alert;
events {
    worker_connections 2048;
}
http {
    access_log off;
    client_body_temp_path $DIRECTORY/tmp/body;
    fastcgi_temp_path $DIRECTORY/tmp/fastcgi;
    proxy_temp_path $DIRECTORY/tmp/proxy;
    scgi_temp_path $DIRECTORY/tmp/scgi;
    uwsgi_temp_path $DIRECTORY/tmp/uwsgi;
    include leap-ws.conf;
}
CONF
}

web_configure() {
    local etc=$DIRECTORY/etc
    mkdir -p "$etc/snippets" "$DIRECTORY/tmp" "$DIRECTORY/domains"
    web_main >"$etc/nginx.conf"
    web_site >"$etc/leap-ws.conf"
    "$SOURCE/tools/reference-page" "$DIRECTORY/docs"
    sed -e "s|https://\$host|&:$HTTPS_PORT|" -e "s|/usr/share/leap-ws/|$DIRECTORY/|" "$SOURCE/nginx/leap-ws.server.conf" \
        >"$etc/snippets/leap-ws.server.conf"
    cp "$SOURCE/nginx/leap-ws.fastcgi_params" "$etc/snippets/"
}

web_fingerprint() {
    (cd "$DIRECTORY" && cat etc/nginx.conf etc/leap-ws.conf etc/snippets/* tls/leap-ws.crt |
        sha256sum | cut -c 1-64)
}

port_free() {
    ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

web_start() {
    local fingerprint
    certificate_ensure
    web_configure
    fingerprint=$(web_fingerprint)
    daemon_alive nginx && [ "$DAEMON_FINGERPRINT" = "$fingerprint" ] && return
    daemon_stop nginx
    port_free "$HTTPS_PORT" || die "port $HTTPS_PORT is in use; name another: LEAP_HTTPS_PORT=9443"
    port_free "$HTTP_PORT" || die "port $HTTP_PORT is in use; name another: LEAP_HTTP_PORT=9080"
    rm -f "$RUN/nginx.master.pid"
    daemon_start nginx "$fingerprint" "$DIRECTORY/log/nginx.log" \
        nginx -e "$DIRECTORY/log/nginx.log" -c "$DIRECTORY/etc/nginx.conf"
    # nginx writes its own file once it listens.
    wait_until 10 web_decided || true
    web_listens || die "nginx did not start: $(tail -n 1 "$DIRECTORY/log/nginx.log")"
}

web_listens() {
    [ -s "$RUN/nginx.master.pid" ] && daemon_alive nginx
}

web_decided() {
    web_listens || daemon_gone nginx
}

web_stop() {
    daemon_stop nginx
}
