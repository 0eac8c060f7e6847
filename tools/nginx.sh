# shellcheck shell=bash
# shellcheck disable=SC2034 # what reads this uses the variables
# nginx as the web server of an instance: the site of nginx/ with the paths, ports and names of the
# instance.

WEB_NAME=nginx
WEB_SITE=${INSTANCE_SITE:-$SOURCE/nginx}

nginx_site() {
    sed -e '/listen \[::\]/d' \
        -e "s|listen 443 |listen 127.0.0.1:$HTTPS_PORT |" \
        -e "s|listen 80;|listen 127.0.0.1:$HTTP_PORT;|" \
        -e "s|/etc/leap-ws/|$DIRECTORY/|" \
        -e "s|/run/leap-ws/|$RUN/|" \
        -e "s|/var/log/nginx/|$DIRECTORY/log/|" \
        -e 's|leap\.example\.com|leap.localhost|' "$WEB_SITE/leap-ws.conf"
}

nginx_main() {
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
    WEB_COMMAND=(nginx -e "$DIRECTORY/log/nginx.log" -c "$etc/nginx.conf")
    nginx_main >"$etc/nginx.conf"
    nginx_site >"$etc/leap-ws.conf"
    sed -e "s|308 https://\$leap_host|&:$HTTPS_PORT|" -e "s|/usr/share/leap-ws/|$DIRECTORY/|" "$WEB_SITE/leap-ws.server.conf" \
        >"$etc/snippets/leap-ws.server.conf"
    cp "$WEB_SITE/leap-ws.fastcgi_params" "$etc/snippets/"
}
