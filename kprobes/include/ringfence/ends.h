/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How a path begins and how it ends, without the path itself: enough to see that most files are none of those that
 * policies name, and less than a third of the work. Neither scratch nor a loop of the kernel's is needed for it.
 */
#ifndef RINGFENCE_ENDS_H
#define RINGFENCE_ENDS_H

#include <ringfence/scratch.h>

/*
 * Fills in @ends, of the text that a whole reading of the path would give at this moment. Returns 0; or -1 when only
 * that reading can tell: names moved meanwhile, the file is in no mount that leads to the root, the path is too long.
 * Without @last, what is said of the end stands for any.
 */
int rf_ends_of_file(struct file *file, struct rf_ends *ends, u32 last);

#endif
