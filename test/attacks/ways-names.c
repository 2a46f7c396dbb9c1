// SPDX-License-Identifier: Apache-2.0
/* Ways to give the file another name, and to open that. Only a policy that knows the inode sees through these. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "intruder.h"

void own_mount_namespace(void)
{
	MUST(unshare(CLONE_NEWNS));
	MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
}

static int through_hard_link(struct attempt *attempt)
{
	char link_name[PATH_MAX];

	scratch_name(attempt, "link", link_name);
	MUST(link(attempt->path, link_name));
	return take_opened(attempt, open(link_name, O_RDONLY));
}

static void touch(const char *name)
{
	close(MUST(open(name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600)));
}

static int through_bind_mount(struct attempt *attempt)
{
	char name[PATH_MAX];

	scratch_name(attempt, "mountpoint", name);
	touch(name);
	own_mount_namespace();
	MUST(mount(attempt->path, name, NULL, MS_BIND, NULL));
	return take_opened(attempt, open(name, O_RDONLY));
}

static int through_bound_directory(struct attempt *attempt)
{
	char mountpoint[PATH_MAX], name[PATH_MAX];

	scratch_name(attempt, "directory", mountpoint);
	if (mkdir(mountpoint, 0700) < 0 && errno != EEXIST)
		broken("mkdir");
	own_mount_namespace();
	MUST(mount(attempt->directory, mountpoint, NULL, MS_BIND, NULL));
	join_path(name, mountpoint, attempt->name);
	return take_opened(attempt, open(name, O_RDONLY));
}

static int clone_tree(const char *path)
{
	return MUST(syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
}

static int through_moved_mount(struct attempt *attempt)
{
	char name[PATH_MAX];

	scratch_name(attempt, "mountpoint", name);
	touch(name);
	own_mount_namespace();
	MUST(syscall(SYS_move_mount, clone_tree(attempt->path), "", AT_FDCWD, name, MOVE_MOUNT_F_EMPTY_PATH));
	return take_opened(attempt, open(name, O_RDONLY));
}

/* A clone of the mount that is mounted nowhere: its files have no path in any namespace. */
static int in_detached_mount(struct attempt *attempt)
{
	int tree;

	own_mount_namespace();
	tree = clone_tree(attempt->directory);
	return take_opened(attempt, openat(tree, attempt->name, O_RDONLY));
}

static int through_rename(struct attempt *attempt)
{
	char name[PATH_MAX];
	int result;

	scratch_name(attempt, "renamed", name);
	MUST(rename(attempt->path, name));
	result = take_opened(attempt, open(name, O_RDONLY));
	MUST(rename(name, attempt->path));
	return result;
}

static void rename_back(struct attempt *attempt)
{
	char name[PATH_MAX], leaf[64];

	snprintf(leaf, sizeof(leaf), "renamed-%u", attempt->number);
	join_path(name, attempt->scratch, leaf);
	if (rename(name, attempt->path) < 0 && errno != ENOENT)
		broken("rename back");
}

/* With the cached names dropped, a handle gives a file whose directory the kernel does not know. */
static int by_handle_cold(struct attempt *attempt)
{
	union {
		struct file_handle handle;
		char bytes[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} file = { .handle.handle_bytes = MAX_HANDLE_SZ };
	int directory = MUST(open(attempt->directory, O_RDONLY | O_DIRECTORY));
	int drop = MUST(open("/proc/sys/vm/drop_caches", O_WRONLY));
	int mount_id, result;

	MUST(name_to_handle_at(AT_FDCWD, attempt->path, &file.handle, &mount_id, 0));
	sync();
	MUST(write(drop, "2", 1));
	close(drop);
	result = take_opened(attempt, open_by_handle_at(directory, &file.handle, O_RDONLY));
	close(directory);
	return result;
}

const struct way name_ways[] = {
	{ "hard-link", through_hard_link },
	{ "bind-mount", through_bind_mount },
	{ "bound-directory", through_bound_directory },
	{ "moved-mount", through_moved_mount },
	{ "detached-mount", in_detached_mount },
	{ "rename", through_rename, rename_back },
	{ "handle-cold", by_handle_cold },
	{ NULL },
};
