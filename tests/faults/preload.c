/* Fails, tears or kills at the n-th operation on files below a folder.

   FAULT_FOLDER  operations on paths that begin with it are counted
   FAULT_AT      the operation that is hit, from 1
   FAULT_KIND    kill, torn (half of a write, then kill), enospc, eio, eintr, short
   FAULT_LASTING 1: every operation from there on that asks for space fails
   FAULT_LOG     a file that gets one letter an operation */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *folder, *kind, *record;
static long at;
static int lasting, waiting;
static long count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void) {
    folder = getenv("FAULT_FOLDER");
    kind = getenv("FAULT_KIND");
    record = getenv("FAULT_LOG");
    at = getenv("FAULT_AT") ? atol(getenv("FAULT_AT")) : 0;
    lasting = getenv("FAULT_LASTING") != NULL;
    if (!kind) kind = "none";
}

static int below(const char *path) {
    return folder && path && strncmp(path, folder, strlen(folder)) == 0;
}

static int file_below(int fd) {
    char link[64], path[4096];
    if (!folder) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    long length = syscall(SYS_readlink, link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return below(path);
}

static int is(const char *name) { return strcmp(kind, name) == 0; }

/* Counts an operation. 0: go on; -1: fail with errno; 1: half of it (of writes). */
static int meet(char letter) {
    pthread_mutex_lock(&lock);
    long number = ++count;
    if (record) {
        int fd = syscall(SYS_openat, AT_FDCWD, record, O_WRONLY | O_APPEND | O_CREAT, 0666);
        if (fd >= 0) {
            syscall(SYS_write, fd, &letter, 1);
            syscall(SYS_close, fd);
        }
    }
    int hit = number == at || (lasting && at && number > at && strchr("owmsl", letter));
    /* What only writes can meet waits for the next one. */
    int only_writes = is("torn") || is("short") || is("eintr");
    if (only_writes && letter != 'w') {
        waiting |= hit;
        hit = 0;
    } else if (waiting) {
        hit = 1;
        waiting = 0;
    }
    pthread_mutex_unlock(&lock);
    if (!hit) return 0;
    if (is("kill")) kill(getpid(), SIGKILL);
    if (is("torn") || is("short")) return 1;
    errno = is("enospc") ? ENOSPC : is("eintr") ? EINTR : EIO;
    return is("none") ? 0 : -1;
}

#define REAL(name) \
    static __typeof__(name) *real; \
    if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name);

ssize_t write(int fd, const void *bytes, size_t length) {
    REAL(write)
    if (file_below(fd)) {
        int met = meet('w');
        if (met < 0) return -1;
        if (met > 0) {
            ssize_t half = real(fd, bytes, length > 1 ? length / 2 : length);
            if (is("torn")) kill(getpid(), SIGKILL);
            return half;
        }
    }
    return real(fd, bytes, length);
}

static int makes(int flags) { return (flags & (O_CREAT | O_TRUNC)) != 0; }

int open64(const char *path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    int mode = va_arg(list, int);
    va_end(list);
    REAL(open64)
    if (makes(flags) && below(path) && meet('o') < 0) return -1;
    return real(path, flags, mode);
}

int open(const char *path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    int mode = va_arg(list, int);
    va_end(list);
    REAL(open)
    if (makes(flags) && below(path) && meet('o') < 0) return -1;
    return real(path, flags, mode);
}

#define ON_FILE(name) \
    int name(int fd) { \
        REAL(name) \
        if (file_below(fd) && meet('s') < 0) return -1; \
        return real(fd); \
    }
ON_FILE(fsync)
ON_FILE(fdatasync)

#define ON_PATH(name, letter) \
    int name(const char *path) { \
        REAL(name) \
        if (below(path) && meet(letter) < 0) return -1; \
        return real(path); \
    }
ON_PATH(unlink, 'u')
ON_PATH(rmdir, 'u')

#define ON_TWO(name, letter) \
    int name(const char *from, const char *to) { \
        REAL(name) \
        if (below(to) && meet(letter) < 0) return -1; \
        return real(from, to); \
    }
ON_TWO(rename, 'r')
ON_TWO(link, 'l')

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
    REAL(linkat)
    if (below(to) && meet('l') < 0) return -1;
    return real(from_folder, from, to_folder, to, flags);
}

int mkdir(const char *path, mode_t mode) {
    REAL(mkdir)
    if (below(path) && meet('m') < 0) return -1;
    return real(path, mode);
}
