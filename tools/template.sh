# shellcheck shell=bash
# shellcheck disable=SC2154 # SOURCE is of the script that reads this
# The cluster that those of the tests begin as a copy of: with the schema, without accounts.

# make_template DIRECTORY: exports where it is to the instances that are started from here on.
make_template() {
    export INSTANCE_SCRATCH=yes
    "$SOURCE/tools/instance" start-database "$1"
    "$SOURCE/tools/instance" deploy "$1"
    "$SOURCE/tools/instance" stop-database "$1"
    export INSTANCE_TEMPLATE=$1/data
}
