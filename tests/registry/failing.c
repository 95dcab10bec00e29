/* Makes the n-th write to a registry's files fail, for test_failing_writes.py.
 *
 * Loaded before the C library, it counts calls that change what is under a folder: write, pwrite,
 * fsync, fdatasync and ftruncate. fail_at(n, error) arms it; n calls later, and from then on where
 * `sticky` is set (a disk that is full stays full), they fail with that error. calls() tells how
 * many there were since. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static long counted, failing_at;
static int failing_with, failing_on;

void fail_at(long n, int error, int sticky) {
    counted = 0;
    failing_at = n;
    failing_with = error;
    failing_on = sticky;
}

long calls(void) { return counted; }

static int fails(int file) {
    const char *folder = getenv("FAILING_FOLDER");
    char link[64], path[4096];
    if (!folder) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    if (strncmp(path, folder, strlen(folder))) return 0;
    counted++;
    if (!failing_at) return 0;
    if (counted == failing_at || (failing_on && counted > failing_at)) {
        errno = failing_with;
        return 1;
    }
    return 0;
}

#define PASS(result, name, parameters, values)                                \
    result name parameters {                                                  \
        static result(*next) parameters;                                      \
        if (!next) next = (result(*) parameters)dlsym(RTLD_NEXT, #name);      \
        return fails(file) ? -1 : next values;                                \
    }

PASS(ssize_t, write, (int file, const void *from, size_t size), (file, from, size))
PASS(ssize_t, pwrite, (int file, const void *from, size_t size, off_t at), (file, from, size, at))
PASS(ssize_t, pwrite64, (int file, const void *from, size_t size, off64_t at),
     (file, from, size, at))
PASS(int, ftruncate, (int file, off_t size), (file, size))
PASS(int, ftruncate64, (int file, off64_t size), (file, size))
PASS(int, fsync, (int file), (file))
PASS(int, fdatasync, (int file), (file))
