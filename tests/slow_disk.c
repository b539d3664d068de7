/* Loaded before libc into the server of the kill test: whatever a commit writes first comes late to its file, so that
   there is time to be killed between what was said to be done and what is. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>
#include <sys/types.h>
#include <unistd.h>

static const useconds_t LATE = 200 * 1000;
static atomic_int settled = 1;

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) {
    static ssize_t (*real)(int, const void *, size_t, off64_t);
    if (!real) real = (ssize_t (*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
    if (atomic_exchange(&settled, 0)) usleep(LATE);
    return real(file, bytes, count, at);
}

int fsync(int file) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    int done = real(file);
    atomic_store(&settled, 1);
    return done;
}

int fdatasync(int file) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    int done = real(file);
    atomic_store(&settled, 1);
    return done;
}
