/*
 * In place of common/database.c: a database that answers at once, so that a target runs thousands
 * of requests a second through all that comes before it. It knows one company with two accounts,
 * 10000001 and 10000002, and any external identifier; 404 names none. It keeps nothing.
 */
#ifndef LEAP_FUZZ_FAKE_DATABASE_H
#define LEAP_FUZZ_FAKE_DATABASE_H

#include "common/database.h"

/* The client that it knows; any secret is right. */
#define FAKE_DATABASE_CLIENT "fuzz:secret"

/* Sees each statement with the values that the program gave it. */
typedef void fake_database_watcher(const struct step *step);

/* Has the watcher called from now on. */
void fake_database_watch(fake_database_watcher *watcher);

#endif
