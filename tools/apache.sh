# shellcheck shell=bash
# shellcheck disable=SC2034 # what reads this uses the variables
# Apache as the web server of an instance: the site of apache/ with the paths, ports and names of the
# instance, under a main configuration like Debian's. INSTANCE_WEB=cgi: with the program as plain CGI.

WEB_NAME=apache2
WEB_SITE=${INSTANCE_SITE:-$SOURCE/apache}
APACHE_MODULES=(mpm_event authz_core alias filter deflate env setenvif headers rewrite macro asis
    unique_id reqtimeout remoteip socache_shmcb ssl proxy proxy_fcgi proxy_http dir mime cgid)

# apache_adapt FILE: prints it with the paths, ports and names of the instance.
apache_adapt() {
    local cgi='#Define LEAP_CGI '
    [ "$WEB" = cgi ] || cgi='no plain CGI'
    sed -e "s|\*:443>|127.0.0.1:$HTTPS_PORT>|" \
        -e "s|\*:80>|127.0.0.1:$HTTP_PORT>|" \
        -e "s|https://%1|&:$HTTPS_PORT|" \
        -e "s|/usr/share/leap-ws/apache/errors/|$DIRECTORY/etc/errors/|" \
        -e "s|/etc/leap-ws/|$DIRECTORY/|" \
        -e "s|/run/leap-ws/|$RUN/|" \
        -e "s|/usr/share/leap-ws/|$DIRECTORY/|" \
        -e "s|/var/log/apache2/|$DIRECTORY/log/|" \
        -e 's|leap\.example\.com|leap.localhost|' \
        -e "s|^$cgi.*|Define LEAP_CGI $PROGRAM|" "$1"
}

# What Debian's own configuration switches on for all sites is on here too.
apache_main() {
    local module modules=/usr/lib/apache2/modules
    for module in "${APACHE_MODULES[@]}"; do
        echo "LoadModule ${module}_module $modules/mod_$module.so"
    done
    # Debian 12's module for limits does not name the library that it needs.
    ! grep -q '^QS_' "$WEB_SITE/leap-ws.conf" || printf '%s\n' "LoadFile $(echo /usr/lib/*/libpcre.so.3)" \
        "LoadModule qos_module $modules/mod_qos.so"
    [ "$WORKER_USER" = "$(id -un)" ] || printf '%s\n' "User $WORKER_USER" "Group $WORKER_USER"
    cat <<CONF
Listen 127.0.0.1:$HTTPS_PORT
Listen 127.0.0.1:$HTTP_PORT
ServerName localhost
PidFile $RUN/apache2.master.pid
DefaultRuntimeDir $RUN
TypesConfig /dev/null
ScriptSock $RUN/cgid.sock
SSLSessionCache shmcb:$RUN/apache2.tls(512000)
ErrorLog $DIRECTORY/log/apache2.log
<Directory "/">
    Require all denied
</Directory>
AddOutputFilterByType DEFLATE text/xml application/xml
SetEnv PGHOST $PGHOST
SetEnv PGUSER leap_api
SetEnv PGDATABASE $DATABASE
Include leap-ws.conf
CONF
}

web_configure() {
    local etc=$DIRECTORY/etc snippet
    WEB_COMMAND=(apache2 -d "$etc" -f apache2.conf -D FOREGROUND)
    apache_main >"$etc/apache2.conf"
    apache_adapt "$WEB_SITE/leap-ws.conf" >"$etc/leap-ws.conf"
    for snippet in leap-ws.tls.conf leap-ws.server.conf; do
        apache_adapt "$WEB_SITE/$snippet" >"$etc/snippets/$snippet"
    done
    cp -r "$WEB_SITE/errors" "$etc/"
}
