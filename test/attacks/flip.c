// SPDX-License-Identifier: Apache-2.0
/* Renames that go on while the file is being opened. Each is atomic: at no time is there no file of the name. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "intruder.h"

static const char *const flip_names[] = {
	[FLIP_NONE] = "none",
	[FLIP_SYMLINK] = "symlink", /* a symbolic link names now the secret, now the decoy */
	[FLIP_EXCHANGE] = "exchange", /* the secret and the decoy exchange their names */
	[FLIP_DIRECTORY] = "directory", /* ... or their directories do */
	[FLIP_NOISE] = "noise", /* files that nobody asked for are renamed in the same directory */
};

int flip_from_name(const char *name)
{
	for (size_t i = 0; i < sizeof(flip_names) / sizeof(flip_names[0]); i++)
		if (strcmp(flip_names[i], name) == 0)
			return i;
	return -1;
}

static void directory_of(const char *path, char *directory)
{
	char copy[PATH_MAX];

	snprintf(copy, sizeof(copy), "%s", path);
	snprintf(directory, PATH_MAX, "%s", dirname(copy));
}

static void exchange(const char *one, const char *other)
{
	MUST(renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE));
}

static void make_file(const struct attempt *attempt, const char *leaf, char *name)
{
	join_path(name, attempt->scratch, leaf);
	unlink(name);
	close(MUST(open(name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600)));
}

static void make_symlink(const struct attempt *attempt, const char *leaf, const char *target, char *name)
{
	join_path(name, attempt->scratch, leaf);
	unlink(name);
	MUST(symlink(target, name));
}

void flip_prepare(enum flip flip, struct attempt *attempt, const char *decoy, char *attacked)
{
	char other[PATH_MAX];

	switch (flip) {
	case FLIP_SYMLINK:
		make_symlink(attempt, "flip", attempt->path, attacked);
		make_symlink(attempt, "flop", decoy, other);
		return;
	case FLIP_NOISE:
		make_file(attempt, "flip", other);
		make_file(attempt, "flop", other);
		break;
	default:
		break;
	}
	snprintf(attacked, PATH_MAX, "%s", flip == FLIP_NOISE ? attempt->path : decoy);
}

static void flip_once(enum flip flip, const struct attempt *attempt, const char *decoy)
{
	char one[PATH_MAX], other[PATH_MAX];

	switch (flip) {
	case FLIP_EXCHANGE:
		exchange(attempt->path, decoy);
		return;
	case FLIP_DIRECTORY:
		directory_of(decoy, other);
		exchange(attempt->directory, other);
		return;
	default:
		join_path(one, attempt->scratch, "flip");
		join_path(other, attempt->scratch, "flop");
		exchange(one, other);
	}
}

void flip_forever(enum flip flip, const struct attempt *attempt, const char *decoy, unsigned long *flips)
{
	for (;;) {
		flip_once(flip, attempt, decoy);
		__atomic_add_fetch(flips, 1, __ATOMIC_SEQ_CST);
	}
}

/*
 * The flipping process may have been ended between a rename and its count, so that the number does not tell: the inode
 * does.
 */
void flip_restore(enum flip flip, const struct attempt *attempt, const char *decoy, ino_t secret)
{
	struct stat now;

	if (flip != FLIP_EXCHANGE && flip != FLIP_DIRECTORY)
		return;
	MUST(stat(attempt->path, &now));
	if (now.st_ino != secret)
		flip_once(flip, attempt, decoy);
}
