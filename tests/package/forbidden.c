/*
 * What a worker may not do, tried: prints a line for each attempt that succeeded, and fails when
 * there was one. In the workers' sandbox there must be none; outside of it, as the same user, each
 * succeeds.
 */
/* NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): glibc wants it */
#define _GNU_SOURCE

#include <fcntl.h>
#include <linux/keyctl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static bool read_file(const char *path)
{
    char byte;
    int file = open(path, O_RDONLY);

    return file >= 0 && read(file, &byte, 1) == 1;
}

static bool read_accounts(void)
{
    return read_file("/etc/passwd");
}

static bool read_configuration(void)
{
    return read_file("/etc/leap-ws/leap-ws.conf");
}

static bool read_other_process(void)
{
    return read_file("/proc/1/cmdline");
}

static bool read_kernel_settings(void)
{
    return read_file("/proc/sys/kernel/ostype");
}

static bool make_file(const char *path)
{
    return open(path, O_WRONLY | O_CREAT, 0600) >= 0 && unlink(path) == 0;
}

static bool write_tmp(void)
{
    return make_file("/tmp/leap-ws-forbidden");
}

static bool write_var_tmp(void)
{
    return make_file("/var/tmp/leap-ws-forbidden");
}

static bool write_shared_memory(void)
{
    return make_file("/dev/shm/leap-ws-forbidden");
}

static bool make_process(void)
{
    pid_t child = fork();

    if (child == 0)
        _exit(0);
    return child > 0 && waitpid(child, NULL, 0) == child;
}

static bool internet_socket(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static bool netlink_socket(void)
{
    return socket(AF_NETLINK, SOCK_RAW, 0) >= 0;
}

static bool listen_on_socket(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "\0leap-ws-forbidden"};
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);

    return bind(listener, (struct sockaddr *)&address, sizeof address) == 0 &&
           listen(listener, 1) == 0;
}

static bool connect_to_bus(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/run/dbus/system_bus_socket"};

    return connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof address) ==
           0;
}

static bool map_writable_code(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                0) != MAP_FAILED;
}

static bool send_signal(void)
{
    return kill(getpid(), 0) == 0;
}

static bool change_priority(void)
{
    return setpriority(PRIO_PROCESS, 0, 1) == 0;
}

static bool change_personality(void)
{
    return personality(ADDR_NO_RANDOMIZE) >= 0;
}

static bool change_tracing(void)
{
    return prctl(PR_SET_DUMPABLE, 1) == 0;
}

static bool read_as_debugger(void)
{
    char from = 0;
    char to;
    struct iovec local = {.iov_base = &to, .iov_len = 1};
    struct iovec remote = {.iov_base = &from, .iov_len = 1};

    return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == 1;
}

static bool lock_memory(void)
{
    static char page[4096];

    return mlock(page, sizeof page) == 0;
}

static bool use_keyring(void)
{
    return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1) >= 0;
}

static bool make_shared_segment(void)
{
    return syscall(SYS_shmget, 0, 4096, 01600) >= 0;
}

static const struct {
    const char *name;
    bool (*succeeds)(void);
} attempts[] = {
    {"read the list of users", read_accounts},
    {"read the configuration", read_configuration},
    {"read of another process", read_other_process},
    {"read the kernel's settings", read_kernel_settings},
    {"write into /tmp", write_tmp},
    {"write into /var/tmp", write_var_tmp},
    {"write into shared memory", write_shared_memory},
    {"make an Internet socket", internet_socket},
    {"make a netlink socket", netlink_socket},
    {"listen on a socket", listen_on_socket},
    {"connect to the system's bus", connect_to_bus},
    {"map writable code", map_writable_code},
    {"make a process", make_process},
    {"send a signal", send_signal},
    {"change its priority", change_priority},
    {"change its personality", change_personality},
    {"change how it can be traced", change_tracing},
    {"read memory as a debugger does", read_as_debugger},
    {"lock memory", lock_memory},
    {"use a keyring", use_keyring},
    {"make a shared memory segment", make_shared_segment},
};

int main(void)
{
    int status = EXIT_SUCCESS;

    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
        if (attempts[i].succeeds()) {
            printf("could %s\n", attempts[i].name);
            status = EXIT_FAILURE;
        }
    }
    if (fflush(stdout) != 0)
        status = EXIT_FAILURE;
    /* The last one: where it succeeds, this process is the shell. */
    execl("/bin/sh", "sh", "-c", "echo could run a shell; exit 1", (char *)NULL);
    return status;
}
