/*
 * In place of libFuzzer: runs a target with each file of its corpus once, under any compiler, and
 * says how many there were in the words of the unit tests.
 */
#include "tests/fuzz/target.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static int is_input(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* The file's name comes first, so that it is known when the target ends the process. */
static void run_file(const char *directory, const char *name)
{
    char path[4096];
    uint8_t *data;
    long size;
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", directory, name);
    fprintf(stderr, "%s\n", path);
    file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0)
        err(EXIT_FAILURE, "%s", path);
    rewind(file);
    data = malloc((size_t)size); /* not a byte more, so that reading on shows */
    if ((data == NULL && size > 0) || fread(data, 1, (size_t)size, file) != (size_t)size)
        err(EXIT_FAILURE, "%s", path);
    if (fclose(file) != 0)
        err(EXIT_FAILURE, "%s", path);
    LLVMFuzzerTestOneInput(data, (size_t)size);
    free(data);
}

int main(int argc, char **argv)
{
    const char *source = getenv("srcdir"); /* automake sets it for tests */
    struct dirent **entries;
    char directory[2048];
    int count;

    snprintf(directory, sizeof directory, "%s/tests/fuzz/corpus/%s", source != NULL ? source : ".",
             program_invocation_short_name);
    if (LLVMFuzzerInitialize != NULL)
        LLVMFuzzerInitialize(&argc, &argv);
    count = scandir(directory, &entries, is_input, alphasort);
    if (count <= 0)
        errx(EXIT_FAILURE, "there is no corpus in %s", directory);
    for (int i = 0; i < count; i++) {
        run_file(directory, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    printf("[  PASSED  ] %d inputs.\n", count);
    return EXIT_SUCCESS;
}
