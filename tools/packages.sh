# shellcheck shell=bash
# shellcheck disable=SC2034 # what reads this uses the variables
# The Debian packages that building, running and testing need.

PACKAGES_BUILD=(gcc libc6-dev make autoconf automake pkg-config libfcgi-dev libxml2-dev libpq-dev
    libssl-dev libtalloc-dev libjansson-dev libunistring-dev libzxcvbn-dev python3 python3-zxcvbn)
PACKAGES_RUN=(postgresql-15 sqitch libdbd-pg-perl nginx spawn-fcgi multiwatch iso-codes curl openssl
    ca-certificates)
PACKAGES_TEST=(mandoc mtail libcmocka-dev postgresql-15-pgtap libtap-parser-sourcehandler-pgtap-perl
    cppcheck shellcheck python3-pytest python3-pytest-repeat python3-pytest-xdist python3-lxml libxml2-utils
    systemd strace
    # Apache without a service of its own, and its module for limits.
    apache2-bin libapache2-mod-qos
    # What shuts addresses out, and what it reads the journal with; what makes a journal of a test's own.
    fail2ban python3-systemd systemd-journal-remote
    # The code generator, and what Debian's package of it leaves out.
    python3-xsdata python3-click python3-click-default-group python3-docformatter python3-jinja2
    python3-toposort
    # The pooler between workers and PostgreSQL, and what counts instructions.
    pgbouncer valgrind
    # The linter of the OpenAPI document, the browser that shows it, and what the example clients need.
    nodejs python3-yaml chromium chromium-driver python3-selenium fonts-dejavu-core php-cli php-curl php-xml)
PACKAGES_LINT=(clang clang-tidy clang-tools libcmocka-dev)
PACKAGES_COVERAGE=(gcovr)
# Measuring, and the peers that the service is compared with.
PACKAGES_BENCH=(wrk linux-perf valgrind strace nodejs php-fpm php-pgsql php-xml golang-go golang-github-jackc-pgx-v4-dev)
# Building the Debian package and trying it.
PACKAGES_PACKAGE=(debhelper bash-completion lintian debootstrap debian-archive-keyring)
# Fuzzing: libFuzzer and the sanitizers' runtime are clang's; its reports name lines by llvm's symbolizer.
PACKAGES_FUZZ=(clang libclang-rt-dev llvm)
# Some builds of nodejs hold npm, and then there is no package of that name.
command -v npm >/dev/null || { PACKAGES_TEST+=(npm) && PACKAGES_PACKAGE+=(npm) && PACKAGES_BENCH+=(npm); }

# packages_missing PACKAGE...: prints those that are not installed.
packages_missing() {
    local installed
    installed=$(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' "$@" 2>/dev/null |
        sed -n 's/^ii *//p') || true
    printf '%s\n' "$@" | grep -Fvx -e "$installed" || true
}

# On a terminal sudo may ask for its password.
packages_may_sudo() {
    command -v sudo >/dev/null || return 1
    [ -t 0 ] || sudo -n true 2>/dev/null
}

# packages_install PACKAGE...: installs those that are not, as root or by sudo.
packages_install() {
    local missing administrator=()
    mapfile -t missing < <(packages_missing "$@")
    [ ${#missing[@]} -gt 0 ] || return 0
    say "installing ${#missing[@]} Debian packages: ${missing[*]}"
    if [ "$(id -u)" != 0 ]; then
        administrator=(sudo)
        packages_may_sudo ||
            die "installing them needs root, or sudo without a password; have them installed by:" \
                "apt-get install --no-install-recommends ${missing[*]}"
    fi
    "${administrator[@]}" "$SOURCE/tools/install-packages" "${missing[@]}" ||
        die "the packages could not be installed; without them nothing can be built." \
            "Is there a network? Once it works: apt-get update, then this again"
}
