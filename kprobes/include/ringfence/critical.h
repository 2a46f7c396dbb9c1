/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Processes that the node can not do without: the kubelet, the container runtime. A policy that does not name them
 * denies them what it denies, and does not end them.
 *
 * Such a process is one of the host, of root, that executed a binary of the list in its own mount namespace. So none of
 * these is one: what a container calls kubelet; a file of that name in a mount namespace that somebody made for himself,
 * also when its descriptor is handed out of there; the kubelet that a user starts with a library of his own in it.
 */
#ifndef RINGFENCE_CRITICAL_H
#define RINGFENCE_CRITICAL_H

#include <ringfence/maps.h>

/* Whom a selector names: nobody, whoever it matched, or from here on whose own binary is in the list with this bit. */
#define RF_NAMES_NOBODY 0
#define RF_NAMES_ALL 1
#define RF_NAMES_LIST 2

/* Whether the calling process, which is @process, is one of them and not named. */
int rf_is_spared(struct rf_process *process, u32 names);

/* What is ignored unless the process asks for it: SIGCHLD, SIGCONT, SIGURG, SIGWINCH (signal(7)). */
#define RF_HARMLESS (1ull << 17 | 1ull << 18 | 1ull << 23 | 1ull << 28)

/* All others end a process that does not expect them, or stop it. */
static __always_inline bool rf_is_fatal(u32 actions, u32 signal)
{
	return actions & RF_ACTION_SIGKILL ||
	       (actions & RF_ACTION_SIGNAL && !(signal < 64 && RF_HARMLESS >> signal & 1));
}

#endif
