/*
 * Linux's list of HID devices and libudev's, for a test: loaded into a program (LD_PRELOAD), it has
 * the folder in FIDO_TEST_DEVICES take the place of /sys/class/hidraw, and of /dev/hidrawN the
 * socket N/socket in it. All else goes where it would have gone.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/hidraw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char *const LIST = "/sys/class/hidraw";
static const char *const NODE = "/dev/hidraw";

static const unsigned char DESCRIPTOR[] = {
    0x06, 0xd0, 0xf1, 0x09, 0x01, 0xa1, 0x01, 0x09, 0x20, 0x15, 0x00, 0x26,
    0xff, 0x00, 0x75, 0x08, 0x95, 0x40, 0x81, 0x02, 0x09, 0x21, 0x15, 0x00,
    0x26, 0xff, 0x00, 0x75, 0x08, 0x95, 0x40, 0x91, 0x02, 0xc0,
};

static const char *devices(void) {
  const char *folder = getenv("FIDO_TEST_DEVICES");
  return folder ? folder : LIST;
}

/* `path` below the folder, where it is one of the list's. */
static const char *moved(const char *path, char *space, size_t size) {
  size_t length = strlen(LIST);
  if (strncmp(path, LIST, length) != 0) return path;
  snprintf(space, size, "%s%s", devices(), path + length);
  return space;
}

/* Which files are devices. */
static char plugged[1024];

static int plug(const char *node) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s/%s/socket", devices(), strrchr(node, '/') + 1);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
    close(fd);
    errno = ENOENT;
    return -1;
  }
  if (fd >= 0 && (size_t)fd < sizeof plugged) plugged[fd] = 1;
  return fd;
}

/* A device that is gone is an error, where a socket would be at its end. */
ssize_t read(int fd, void *space, size_t size) {
  ssize_t (*real)(int, void *, size_t) = (ssize_t (*)(int, void *, size_t))dlsym(RTLD_NEXT, "read");
  ssize_t length = real(fd, space, size);
  if (length == 0 && fd >= 0 && (size_t)fd < sizeof plugged && plugged[fd]) {
    errno = EIO;
    return -1;
  }
  return length;
}

int close(int fd) {
  if (fd >= 0 && (size_t)fd < sizeof plugged) plugged[fd] = 0;
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "close");
  return real(fd);
}

static int opened(const char *name, const char *path, int flags, mode_t mode) {
  char space[4096];
  if (strncmp(path, NODE, strlen(NODE)) == 0) return plug(path);
  int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, name);
  return real(moved(path, space, sizeof space), flags, mode);
}

static mode_t mode_of(int flags, va_list rest) {
  return flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
}

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  int fd = opened("open", path, flags, mode_of(flags, rest));
  va_end(rest);
  return fd;
}

int open64(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  int fd = opened("open64", path, flags, mode_of(flags, rest));
  va_end(rest);
  return fd;
}

DIR *opendir(const char *path) {
  char space[4096];
  DIR *(*real)(const char *) = (DIR * (*)(const char *)) dlsym(RTLD_NEXT, "opendir");
  return real(moved(path, space, sizeof space));
}

int ioctl(int fd, unsigned long request, ...) {
  va_list rest;
  va_start(rest, request);
  void *argument = va_arg(rest, void *);
  va_end(rest);
  if (request == HIDIOCGRDESCSIZE) {
    *(int *)argument = sizeof DESCRIPTOR;
    return 0;
  }
  if (request == HIDIOCGRDESC) {
    memcpy(((struct hidraw_report_descriptor *)argument)->value, DESCRIPTOR, sizeof DESCRIPTOR);
    return 0;
  }
  int (*real)(int, unsigned long, ...) = (int (*)(int, unsigned long, ...))dlsym(RTLD_NEXT, "ioctl");
  return real(fd, request, argument);
}

/* libudev: a list of names, and devices that are names. Whatever is made is never freed. */
struct entry {
  char name[256];
  struct entry *next;
};

static int anything;

void *udev_new(void) { return &anything; }
void *udev_unref(void *udev) { return udev; }
void *udev_enumerate_new(void *udev) { return udev; }
void *udev_enumerate_unref(void *list) { return list; }
int udev_enumerate_add_match_subsystem(void *list, const char *name) { return 0; }
int udev_enumerate_scan_devices(void *list) { return 0; }

struct entry *udev_enumerate_get_list_entry(void *list) {
  struct entry *first = NULL;
  DIR *folder = opendir(LIST);
  for (struct dirent *file; folder && (file = readdir(folder));) {
    if (file->d_name[0] == '.') continue;
    struct entry *entry = calloc(1, sizeof *entry);
    snprintf(entry->name, sizeof entry->name, "/dev/%.200s", file->d_name);
    entry->next = first;
    first = entry;
  }
  if (folder) closedir(folder);
  return first;
}

const char *udev_list_entry_get_name(struct entry *entry) { return entry->name; }
struct entry *udev_list_entry_get_next(struct entry *entry) { return entry->next; }
void *udev_device_new_from_syspath(void *udev, const char *path) { return strdup(path); }
void *udev_device_unref(void *device) { return NULL; }
const char *udev_device_get_devnode(void *device) { return device; }
const char *udev_device_get_syspath(void *device) { return device; }
const char *udev_device_get_property_value(void *device, const char *name) { return NULL; }
const char *udev_device_get_sysattr_value(void *device, const char *name) { return NULL; }

/* Nothing is plugged in later. */
void *udev_monitor_new_from_netlink(void *udev, const char *name) {
  int *ends = calloc(2, sizeof *ends);
  return pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0 ? ends : NULL;
}
int udev_monitor_filter_add_match_subsystem_devtype(void *monitor, const char *one, const char *two) { return 0; }
int udev_monitor_enable_receiving(void *monitor) { return 0; }
int udev_monitor_get_fd(void *monitor) { return *(int *)monitor; }
void *udev_monitor_receive_device(void *monitor) { return NULL; }
void *udev_monitor_unref(void *monitor) { return NULL; }
