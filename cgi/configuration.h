/*
 * The program's configuration: command line and environment. The database is named by libpq's own
 * environment variables.
 */
#ifndef LEAP_CONFIGURATION_H
#define LEAP_CONFIGURATION_H

#include "common/password.h"

#include <stdbool.h>

enum command { COMMAND_SERVE, COMMAND_CHECK, COMMAND_VERSION, COMMAND_HELP };

struct configuration {
    enum command command;
    const char *listen;                 /* path of a Unix socket to listen on; NULL: descriptor 0 */
    bool prepared;                      /* LEAP_PREPARED: named prepared statements */
    struct password_cost password_cost; /* LEAP_PASSWORD_COST */
};

/*
 * Reads them. False: a value is wrong, and a message on standard error says which and what it may
 * be. Strings are argv's.
 */
bool configuration_read(struct configuration *configuration, int argc, char **argv);

/* Writes the command line's help on standard output. */
void configuration_help(void);

#endif
