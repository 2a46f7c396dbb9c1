/* The state of a container as its runtime gives it to hooks: JSON, of which two things are of interest. */
#pragma once
#include "system.h"

struct container {
	/* Of its first process, in the pid namespace that the stage has; 0 where the state has none. */
	u64 pid;
	struct text id;
	/* As each family of runtimes names it; empty where it does not. */
	struct text namespaces[2];
};

/* Returns 0 for what is no such state. */
int read_state(struct text state, struct container *into);
