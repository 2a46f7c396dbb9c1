/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Self-tests return 0, or the line of the first check that failed: anywhere, so that they claim scratch as programs
 * that may sleep do, without a claim on the CPU that the verifier wants to see given back.
 */
#ifndef RINGFENCE_CHECK_H
#define RINGFENCE_CHECK_H

#define CHECK(condition)                 \
	do {                             \
		if (!(condition))        \
			return __LINE__; \
	} while (0)

#endif
