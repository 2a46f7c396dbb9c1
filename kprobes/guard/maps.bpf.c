// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The maps of the guard. The agent freezes all of them: programs write them, no descriptor of anybody's can. */
#include <ringfence/guard.h>

struct rf_guard_map rf_guard SEC(".maps");
struct rf_guarded_map rf_guarded SEC(".maps");
struct rf_guard_programs_map rf_guard_programs SEC(".maps");
