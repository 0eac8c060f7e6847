#!/bin/bash
# A client of the Customer Web Services API, to copy. It needs bash, curl and GNU sed.
#
#   crm.sh create FILE KEY                 creates the account in an XML file; again with the same KEY
#                                          it is still one account
#   crm.sh extid IDENTIFIER EXTID          sets your own identifier
#   crm.sh login IDENTIFIER VERSION EMAIL  changes the login, unless the account is past that version
#   crm.sh follow FILE                     prints the accounts that changed since the last time; FILE
#                                          keeps the place
#   crm.sh poll                            prints the accounts with changes and acknowledges these
#
# An account is a line: identifier, version, status and your own identifier, with tabs between.
# LEAP_URL is https://COMPANY.DOMAIN/api/v1, LEAP_CLIENT and LEAP_SECRET are the API client's, and
# LEAP_CA is a file with the CA's certificate where the system's own do not do. What is not answered, or
# only later, is tried LEAP_TRIES times (10). It ends with 1 when the service refused, and with 75 when
# it pays to try again later.

set -euo pipefail

TRIES=${LEAP_TRIES:-10}
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

code() { sed -n 's/^<error .*code="\([a-z-]*\)".*/\1/p' "$WORK/body"; }
header() { tr -d '\r' <"$WORK/head" | sed -n "s/^$1: *//Ip"; }

# send METHOD URL CURL-ARGUMENT...: sets $STATUS (000 where there was no answer) and leaves the reply in
# $WORK. Every request of this client can be repeated: see the comments at each.
send() {
    local try wait
    for ((try = 1; ; try++)); do
        : >"$WORK/head"; : >"$WORK/body"
        # The secret goes by standard input, where other users do not see it.
        STATUS=$(curl --silent --max-time 60 ${LEAP_CA:+--cacert "$LEAP_CA"} --config - \
            --dump-header "$WORK/head" --output "$WORK/body" --write-out '%{http_code}' \
            --request "$1" "${@:3}" "$2" <<<"user = \"$LEAP_CLIENT:$LEAP_SECRET\"") || STATUS=000
        case $STATUS-$(code) in
            000-* | 429-* | 503-* | 409-key-in-progress) ;;
            *) return ;;
        esac
        [ "$try" -lt "$TRIES" ] || return 0
        wait=$(header retry-after)
        echo "crm: $STATUS $(code), trying again" >&2
        sleep "${wait:-1}"
    done
}

# expect STATUS: says why it is another one, and what to do, and ends.
expect() {
    [ "$STATUS" != "$1" ] || return 0
    echo "crm: $STATUS $(code): $(sed -n 's/.*<message>\(.*\)<\/message>.*/\1/p' "$WORK/body")" >&2
    sed -n 's/.*<field xpath="\([^"]*\)" errorhint="\([a-z]*\)".*/  \1: \2/p' "$WORK/body" >&2
    case $STATUS in
        401) echo "Check LEAP_CLIENT and LEAP_SECRET; the client may be expired or revoked." >&2 ;;
        404) echo "The account is unknown or inactive: check LEAP_URL and the identifier." >&2 ;;
        409) echo "Another account has this: find out which of the two is meant." >&2 ;;
        412) echo "Somebody else changed the account: read it again and decide anew." >&2 ;;
        000 | 429 | 503) echo "Try again later, with the same key." >&2; exit 75 ;;
    esac
    exit 1
}

escape() { sed 's/&/\&amp;/g; s/</\&lt;/g' <<<"$1"; }

# Prints the accounts of a list; false where there are none. A reply has each tag on one line, and the
# attributes in this order.
print_accounts() {
    sed -n '
        /^ *<account /h
        /^ *<account-status>/ {
            H
            x
            / extid="/! s/ version="/ extid=""&/
            s/.* identifier="\([^"]*\)".* extid="\([^"]*\)".* version="\([^"]*\)".*status>\(.*\)<.*/\1\t\3\t\4\t\2/
            s/&lt;/</g
            s/&gt;/>/g
            s/&quot;/"/g
            s/&amp;/\&/g
            p
        }' "$WORK/body" | grep .
}

# With the key it can be repeated: the first answer is kept for a day.
create() {
    send POST "$LEAP_URL/customers" --header 'Content-Type: application/xml' \
        --header "Idempotency-Key: $2" --data-binary "@$1"
    expect 201
    sed -n 's/^<ref .* identifier="\([0-9]*\)".*/\1/p' "$WORK/body"
}

# It can be repeated: what is set already can be set again.
extid() {
    send POST "$LEAP_URL/customers/$1/extid" --data-urlencode "extid=$2"
    expect 200
}

# It can be repeated: the account is at the version only once. 412 after a lost answer may be one's own
# change, so read the account.
login() {
    printf '<change-login><login-id>%s</login-id></change-login>' "$(escape "$3")" >"$WORK/request"
    send PUT "$LEAP_URL/customers/$1/change-login" --header 'Content-Type: application/xml' \
        --header "If-Match: \"$2\"" --data-binary "@$WORK/request"
    expect 201
}

# The place is the URL of the next page. It is kept only when the page was dealt with: what comes twice
# does no harm, what is left out does.
follow() {
    local next
    next=$(cat "$1" 2>/dev/null) || next="$LEAP_URL/customers?changed-after="
    while :; do
        send GET "$next"
        expect 200
        next=$(header link | sed -n 's/^<\(.*\)>; rel="next"$/\1/p')
        print_accounts || break
        printf '%s\n' "$next" >"$1.new"
        mv "$1.new" "$1"
    done
}

# Acknowledges the versions that it printed: an account that has changed since comes again.
poll() {
    local identifier version rest
    while :; do
        send GET "$LEAP_URL/customers?acked=false"
        expect 200
        print_accounts >"$WORK/accounts" || break
        cat "$WORK/accounts"
        {
            echo '<acknowledgements>'
            while read -r identifier version rest; do
                echo "<acknowledgement version=\"$version\">$identifier</acknowledgement>"
            done <"$WORK/accounts"
            echo '</acknowledgements>'
        } >"$WORK/request"
        send POST "$LEAP_URL/customers/acked" --header 'Content-Type: application/xml' \
            --data-binary "@$WORK/request"
        expect 204
    done
}

case ${1:-}-$# in
    create-3 | extid-3 | login-4 | follow-2 | poll-1) "$@" ;;
    *) sed -n 's/^# \{0,1\}//; 2,17p' "$0" >&2; exit 2 ;;
esac
