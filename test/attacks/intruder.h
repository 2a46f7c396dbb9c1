/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An intruder tries one way to the content of a file. What it gets goes straight into memory that it shares with a
 * second process, so that a byte which left the kernel is seen even when the intruder is killed right after.
 */
#ifndef INTRUDER_H
#define INTRUDER_H

#include <limits.h>
#include <stddef.h>
#include <sys/types.h>

#define LANE_BYTES 4096 /* of the leak file; lane 0 keeps the evidence, each thread writes to one of its own */
#define THREADS_MAX 64
#define OPTION_NONE (-1)

/* Exit status of an attempt that could not be made: a broken test, never a denial. */
#define EXIT_BROKEN 200

struct attempt {
	const char *path; /* what to get at */
	char directory[PATH_MAX];
	char name[NAME_MAX + 1];
	const char *scratch; /* a directory of ours, on the file system of the path */
	const char *leak_path;
	const char *broker; /* socket of a process that hands out the open file, or NULL */
	unsigned char *lane; /* LANE_BYTES below 4 GiB, shared with the watcher */
	off_t lane_offset; /* of the lane in the leak file */
	unsigned int number; /* of the lane: names made in scratch end in it */
	int held; /* the file, opened before the policy was loaded, or OPTION_NONE */
	int pipe[2]; /* outlives the attempt: what is spliced into it is not lost with the intruder */
};

/*
 * A way returns 0, or -errno of the call that was refused. @restore runs in the supervisor after each attempt, as the
 * attempt may not live to clean up.
 */
struct way {
	const char *name;
	int (*attempt)(struct attempt *attempt);
	void (*restore)(struct attempt *attempt);
};

extern const struct way open_ways[];
extern const struct way name_ways[];
extern const struct way read_ways[];
extern const struct way exec_ways[];

/* The attempt can not even be made: says why, and ends the process with EXIT_BROKEN. */
void broken(const char *call) __attribute__((noreturn));
#define MUST(call) ({ __typeof__(call) result_ = (call); if (result_ < 0) broken(#call); result_; })

/* Reads from the beginning of @fd straight into the lane. */
int take(struct attempt *attempt, int fd);
/* The same for a descriptor that open() and its like returned: -1 is its refusal. */
int take_opened(struct attempt *attempt, int fd);

/* A name in scratch that only this lane uses; a file that has it is removed. */
void scratch_name(const struct attempt *attempt, const char *kind, char *name);

/* Joins with a slash, into PATH_MAX bytes. */
void join_path(char *joined, const char *directory, const char *name);

/* A mount namespace of our own, whose mounts end with the process and are seen by nobody else. */
void own_mount_namespace(void);

/* How to get a descriptor of another process: by message, or by taking it with pidfd_getfd. */
int receive_from_broker(const char *broker, int by_pidfd);
int serve_as_broker(const char *path, const char *broker);

/* A second process that renames things back and forth until it is ended. */
enum flip { FLIP_NONE, FLIP_SYMLINK, FLIP_EXCHANGE, FLIP_DIRECTORY, FLIP_NOISE };
int flip_from_name(const char *name);
/* The name to attack, which is now the secret and now the decoy. */
void flip_prepare(enum flip flip, struct attempt *attempt, const char *decoy, char *attacked);
void flip_forever(enum flip flip, const struct attempt *attempt, const char *decoy, unsigned long *flips);
/* Leaves the secret, known by its inode, under its own name. */
void flip_restore(enum flip flip, const struct attempt *attempt, const char *decoy, ino_t secret);

#endif
