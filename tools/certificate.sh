# shellcheck shell=bash
# A certificate for *.leap.localhost in $DIRECTORY/tls, and the CA of this machine that signed it.
# (A wildcard right under "localhost" is one that no client accepts.)

CERTIFICATE_DAYS=397    # the most that clients accept
CERTIFICATE_RENEWAL=$((30 * 86400))

# The CA's key signs one certificate and is thrown away, and the CA is good for that domain only:
# whoever trusts it trusts nothing else.
certificate_make() {
    local made=$DIRECTORY/tls.new
    rm -rf "$made"
    mkdir -p "$made"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
        -days "$CERTIFICATE_DAYS" -subj "/CN=leap-ws CA of $(uname -n | cut -c 1-40)" \
        -addext "nameConstraints=critical,permitted;DNS:leap.localhost" \
        -addext "keyUsage=critical,keyCertSign,cRLSign" \
        -keyout "$made/ca.key" -out "$made/ca.crt" 2>"$made/openssl.log" &&
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
        -subj "/CN=*.leap.localhost" \
        -keyout "$made/leap-ws.key" -out "$made/leap-ws.csr" 2>>"$made/openssl.log" &&
    openssl x509 -req -in "$made/leap-ws.csr" -CA "$made/ca.crt" -CAkey "$made/ca.key" \
        -CAcreateserial -days "$CERTIFICATE_DAYS" -out "$made/leap-ws.crt" 2>>"$made/openssl.log" \
        -extfile <(printf '%s\n' 'subjectAltName=DNS:*.leap.localhost,DNS:leap.localhost' \
            'basicConstraints=critical,CA:FALSE' 'extendedKeyUsage=serverAuth' \
            'keyUsage=critical,digitalSignature') || return
    rm -f "$made"/ca.key "$made"/*.csr "$made"/*.srl "$made/openssl.log"
    own "$WORKER_USER" "$made/leap-ws.key"
    chmod 0400 "$made/leap-ws.key"
    rm -rf "$DIRECTORY/tls"
    mv "$made" "$DIRECTORY/tls"
}

certificate_ensure() {
    openssl x509 -in "$DIRECTORY/tls/leap-ws.crt" -noout -checkend "$CERTIFICATE_RENEWAL" \
        >/dev/null 2>&1 && return
    certificate_make ||
        die "openssl could not make a certificate: $(tail -n 1 "$DIRECTORY/tls.new/openssl.log")"
}
