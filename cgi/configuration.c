#include "cgi/configuration.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void configuration_help(void)
{
    puts("Usage: leap-customers [--listen PATH]\n"
         "\n"
         "Serves the Customer Web Services API. It speaks FastCGI when descriptor 0 is a\n"
         "listening socket or with --listen, and plain CGI otherwise.\n"
         "\n"
         "  --listen PATH    listen on a Unix socket of that path\n"
         "  --check-config   check the configuration, say what is wrong with it, and end\n"
         "  --version        print the version and end\n"
         "  --help           print this text and end\n"
         "\n"
         "Environment:\n"
         "  PGHOST, PGDATABASE, PGUSER, PGSERVICE …  the database, as libpq reads them\n"
         "  LEAP_PREPARED       on (default) or off: off for a connection pooler that does\n"
         "                      not keep prepared statements\n"
         "  LEAP_PASSWORD_COST  scrypt's cost for new passwords (default ln=14,r=8,p=5)");
}

static bool read_switch(const char *name, bool *on)
{
    const char *value = getenv(name);

    if (value == NULL || *value == '\0' || strcmp(value, "on") == 0) {
        *on = true;
        return true;
    }
    *on = false;
    if (strcmp(value, "off") == 0)
        return true;
    fprintf(stderr, "leap-customers: %s is \"%s\": set it to on or off\n", name, value);
    return false;
}

static bool read_cost(struct password_cost *cost)
{
    const char *value = getenv("LEAP_PASSWORD_COST");

    if (value == NULL || *value == '\0')
        value = "ln=14,r=8,p=5";
    if (password_parse_cost(value, cost))
        return true;
    fprintf(
        stderr,
        "leap-customers: LEAP_PASSWORD_COST is \"%s\": set it like ln=14,r=8,p=5, at least that "
        "strong and within 1 GiB of memory\n",
        value);
    return false;
}

bool configuration_read(struct configuration *configuration, int argc, char **argv)
{
    static const struct option options[] = {
        {"listen", required_argument, NULL, 'l'},
        {"check-config", no_argument, NULL, 'c'},
        {"version", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option;

    *configuration = (struct configuration){.command = COMMAND_SERVE};
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'l':
            configuration->listen = optarg;
            break;
        case 'c':
            configuration->command = COMMAND_CHECK;
            break;
        case 'v':
            configuration->command = COMMAND_VERSION;
            return true;
        case 'h':
            configuration->command = COMMAND_HELP;
            return true;
        default:
            return false;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "leap-customers: \"%s\" is not an option; see --help\n", argv[optind]);
        return false;
    }
    return read_switch("LEAP_PREPARED", &configuration->prepared) &&
           read_cost(&configuration->password_cost);
}
