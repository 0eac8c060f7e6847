# Turns the statements of this folder into C: run with each file's name, prints queries.c or (with -v header=1)
# queries.h. A line "\ir FILE" is replaced by that file of the same folder, as psql does it. Comment lines are left out;
# the highest $n of a statement is its number of parameters.

function name_of(path) {
    sub(/.*\//, "", path)
    sub(/\.sql$/, "", path)
    return path
}

function add(line,    rest, n) {
    if (line ~ /^[ \t]*--/ || line ~ /^[ \t]*$/)
        return
    sub(/;[ \t]*$/, "", line)
    rest = line
    while (match(rest, /\$[0-9]+/)) {
        n = substr(rest, RSTART + 1, RLENGTH - 1) + 0
        if (n > parameters)
            parameters = n
        rest = substr(rest, RSTART + RLENGTH)
    }
    gsub(/\\/, "&&", line)
    gsub(/"/, "\\\"", line)
    text = text "\n        \"" line "\\n\""
}

function include(path,    line, status) {
    while ((status = (getline line < path)) > 0)
        add(line)
    close(path)
    if (status < 0) {
        print "embed.awk: cannot read " path > "/dev/stderr"
        exit 1
    }
}

function finish() {
    if (name == "")
        return
    if (header)
        printf "extern const struct query query_%s;\n", name
    else
        printf "\nconst struct query query_%s = {\n    .name = \"%s\",\n    .text =%s,\n" \
               "    .parameters = %d,\n    .number = %d,\n};\n", name, name, text, parameters, count
    count++
}

BEGIN {
    if (header)
        print "/* Made from sql/queries. */\n#ifndef LEAP_QUERIES_H\n#define LEAP_QUERIES_H\n\n#include \"common/database.h\"\n"
    else
        print "/* Made from sql/queries. */\n#include \"queries.h\""
}

FNR == 1 {
    finish()
    name = name_of(FILENAME)
    text = ""
    parameters = 0
}

/^\\ir / {
    folder = FILENAME
    sub(/[^\/]*$/, "", folder)
    include(folder $2)
    next
}

{ add($0) }

END {
    finish()
    if (header)
        printf "\nenum { QUERY_COUNT = %d };\n\n#endif\n", count
}
