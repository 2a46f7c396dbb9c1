/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the deeds program share. */
#ifndef DEEDS_H
#define DEEDS_H

#include <errno.h>
#include <sys/types.h>

/* Exit status of a deed that could not be tried: a broken test, never a denial. */
#define EXIT_BROKEN 200

/* Returns 0, or the errno of the call that the deed is about. */
struct deed {
	const char *name;
	int arguments; /* at least so many */
	int (*run)(char **arguments);
};

extern const struct deed file_deeds[];
extern const struct deed program_deeds[];
extern const struct deed network_deeds[];
extern const struct deed kernel_deeds[];

/* Says why, and ends the process with EXIT_BROKEN. */
void broken(const char *call) __attribute__((noreturn));
#define MUST(call) ({ __typeof__(call) result_ = (call); if (result_ < 0) broken(#call); result_; })

/* What a call that may be refused came to. */
#define ERRNO_OF(call) ((call) < 0 ? errno : 0)

/* Runs the deed that the words are, and returns what it returns. */
int do_deed(char **words);
/* A memory file called @name with what is in the file @path; it stays open over an exec. */
int memory_copy(const char *name, const char *path);
/* As the process ended: its exit status. */
int wait_for(pid_t child);
void own_mount_namespace(void);

#endif
