// SPDX-License-Identifier: Apache-2.0
/* Reading, writing, naming and marking files. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <libgen.h>
#include <linux/capability.h>
#include <linux/limits.h>
#include <linux/xattr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "deeds.h"
#include "uring.h"

static int read_file(char **arguments)
{
	return ERRNO_OF(open(arguments[0], O_RDONLY));
}

static int read_by_uring(char **arguments)
{
	struct uring ring = uring_make(URING_WORKER);
	int result = uring_openat(&ring, arguments[0]);

	return result < 0 ? -result : 0;
}

static int link_away(char **arguments)
{
	unlink(arguments[1]);
	return ERRNO_OF(link(arguments[0], arguments[1]));
}

static int read_by_symlink(char **arguments)
{
	unlink(arguments[1]);
	MUST(symlink(arguments[0], arguments[1]));
	return read_file(arguments + 1);
}

static void bind_to(const char *path, const char *name)
{
	close(MUST(open(name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600)));
	own_mount_namespace();
	MUST(mount(path, name, NULL, MS_BIND, NULL));
}

static int read_by_bind_mount(char **arguments)
{
	bind_to(arguments[0], arguments[1]);
	return read_file(arguments + 1);
}

static int append(char **arguments)
{
	int fd = open(arguments[0], O_WRONLY | O_APPEND);

	return fd < 0 ? errno : ERRNO_OF(write(fd, "\n", 1));
}

/* Somebody else has opened it. */
static int write_to_held(char **arguments)
{
	(void)arguments;
	return ERRNO_OF(write(STDIN_FILENO, "\n", 1));
}

static int append_by_uring(char **arguments)
{
	struct uring ring = uring_make(URING_WORKER);
	int result = uring_write(&ring, MUST(open(arguments[0], O_WRONLY | O_APPEND)), "\n", 1);

	return result < 0 ? -result : 0;
}

static int append_by_bind_mount(char **arguments)
{
	bind_to(arguments[0], arguments[1]);
	return append(arguments + 1);
}

/* Mapped to be read, which no call to write follows: it is made writable later. */
static int write_by_mapping(char **arguments)
{
	int fd = MUST(open(arguments[0], O_RDWR));
	char *mapping = mmap(NULL, 1, PROT_READ, MAP_SHARED, fd, 0);

	if (mapping == MAP_FAILED)
		return errno;
	if (mprotect(mapping, 1, PROT_READ | PROT_WRITE) < 0)
		return errno;
	mapping[0] = '#';
	return 0;
}

static int empty(char **arguments)
{
	return ERRNO_OF(open(arguments[0], O_WRONLY | O_TRUNC));
}

static mode_t mode_of(const char *text)
{
	return strtoul(text, NULL, 8);
}

static int create(char **arguments)
{
	unlink(arguments[0]);
	return ERRNO_OF(open(arguments[0], O_CREAT | O_EXCL | O_WRONLY, mode_of(arguments[1])));
}

/* First without a name, which is given to it afterwards. */
static int create_nameless(char **arguments)
{
	char directory[PATH_MAX], name[64];
	int fd;

	snprintf(directory, sizeof(directory), "%s", arguments[0]);
	unlink(arguments[0]);
	fd = open(dirname(directory), O_TMPFILE | O_WRONLY, mode_of(arguments[1]));
	if (fd < 0)
		return errno;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	return ERRNO_OF(linkat(AT_FDCWD, name, AT_FDCWD, arguments[0], AT_SYMLINK_FOLLOW));
}

static int remove_file(char **arguments)
{
	return ERRNO_OF(unlink(arguments[0]));
}

static int rename_to(char **arguments)
{
	close(MUST(open(arguments[0], O_CREAT | O_WRONLY, 0600)));
	return ERRNO_OF(rename(arguments[0], arguments[1]));
}

static int change_mode(char **arguments)
{
	return ERRNO_OF(chmod(arguments[0], mode_of(arguments[1])));
}

static int change_mode_of_open(char **arguments)
{
	return ERRNO_OF(fchmod(MUST(open(arguments[0], O_RDONLY)), mode_of(arguments[1])));
}

/* CAP_SETUID, effective as soon as the file is run. */
static const struct vfs_cap_data capabilities = {
	.magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE,
	.data[0].permitted = 1 << CAP_SETUID,
};

static int set_capabilities(char **arguments)
{
	return ERRNO_OF(setxattr(arguments[0], XATTR_NAME_CAPS, &capabilities, XATTR_CAPS_SZ_2, 0));
}

static int set_capabilities_by_uring(char **arguments)
{
	struct uring ring = uring_make(URING_WORKER);
	int fd = MUST(open(arguments[0], O_RDONLY));
	int result = uring_set_attribute(&ring, fd, XATTR_NAME_CAPS, &capabilities, XATTR_CAPS_SZ_2);

	return result < 0 ? -result : 0;
}

static int set_attribute(char **arguments)
{
	return ERRNO_OF(setxattr(arguments[0], "trusted.note", "x", 1, 0));
}

const struct deed file_deeds[] = {
	{ "read", 1, read_file },
	{ "read-by-uring", 1, read_by_uring },
	{ "read-by-symlink", 2, read_by_symlink },
	{ "read-by-bind-mount", 2, read_by_bind_mount },
	{ "link", 2, link_away },
	{ "append", 1, append },
	{ "write-to-held", 0, write_to_held },
	{ "append-by-uring", 1, append_by_uring },
	{ "append-by-bind-mount", 2, append_by_bind_mount },
	{ "write-by-mapping", 1, write_by_mapping },
	{ "empty", 1, empty },
	{ "create", 2, create },
	{ "create-nameless", 2, create_nameless },
	{ "remove", 1, remove_file },
	{ "rename", 2, rename_to },
	{ "chmod", 2, change_mode },
	{ "fchmod", 2, change_mode_of_open },
	{ "set-capabilities", 1, set_capabilities },
	{ "set-capabilities-by-uring", 1, set_capabilities_by_uring },
	{ "set-attribute", 1, set_attribute },
	{ NULL },
};
