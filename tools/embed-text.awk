# Turns a text file into a C string: -v name=NAME, prints its definition, or with -v header=1 its declaration.

BEGIN {
    if (header) {
        printf "/* Made from a file of the tree. */\nextern const char %s[];\n", name
        exit
    }
    printf "/* Made from a file of the tree. */\n#include \"%s.h\"\n\nconst char %s[] =", name, name
}

{
    gsub(/\\/, "&&")
    gsub(/"/, "\\\"")
    printf "\n    \"%s\\n\"", $0
}

END {
    if (!header)
        print ";"
}
