/* What the agent left for the time when it does not answer: ringfence hook rules, in a file of lines. */
#pragma once
#include "state.h"

struct rules {
	/* How long to wait for an answer. */
	u64 deadline_ms;
	/* An agent ran not long ago, so that it is worth to wait for the next. */
	int recent;
	/* This container may not start without an agent. */
	int fail_closed;
};

/* Without the file, no agent has run since the boot. */
struct rules rules_for(const char *path, const struct container *container);
