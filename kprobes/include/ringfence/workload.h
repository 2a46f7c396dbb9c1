/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What runs in the cgroup of the calling thread; see struct rf_workload. */
#ifndef RINGFENCE_WORKLOAD_H
#define RINGFENCE_WORKLOAD_H

#include <ringfence/maps.h>

/* What is listed for the cgroup of the caller, or else for the nearest one that it is in. Never null. */
struct rf_workload *rf_workload_current(void);
/* Of that, the workload selectors that select it. */
const struct rf_scopes *rf_workload_scopes(void);

#endif
