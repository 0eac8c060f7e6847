/*
 * The table of operations, and the choice of one by method and path.
 */
#ifndef LEAP_ROUTE_H
#define LEAP_ROUTE_H

#include "cgi/reply.h"
#include "cgi/request.h"

#include <stdbool.h>

/* One operation: `run` fills the reply, or leaves a refusal in the request. */
struct operation {
    const char *file;       /* of cgi/, without its ending; also in the log */
    const char *method;     /* GET answers HEAD too */
    const char *path;       /* below the base URL; {…} is a value */
    const char *parameters; /* that its query may hold, separated by spaces */
    enum permission permission;
    void (*run)(struct request *request, struct reply *reply);
};

/*
 * Finds the operation and takes the path's values. Records a refusal for an unknown path, for a
 * method that the path does not have (then `request->allow` is set), and for a query that the
 * operation does not take; `request->operation` stays NULL in the first two cases. False: out of
 * memory.
 */
bool route_find(struct request *request);

/* Whether the request, after route_find, is OPTIONS of a known path, which is answered without
 * credentials. */
bool route_is_options(const struct request *request);

#endif
