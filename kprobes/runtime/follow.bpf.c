// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The lists that a process is in, or descends from a member of; see ringfence/follow.h. */
#include <ringfence/follow.h>
#include <ringfence/facts.h>
#include <ringfence/path.h>

#define ANCESTORS_MAX 64

_Static_assert(__builtin_offsetof(struct rf_key, value) == __builtin_offsetof(struct rf_follow_key, binary) &&
		       sizeof(struct rf_key) >= sizeof(struct rf_follow_key),
	       "a key of a set is a key of this trie, too");

struct keeping {
	struct rf_control *control;
	u32 generation;
	u64 bits;
};

static long keep_bit(u32 bit, void *context)
{
	struct keeping *this = context;
	u32 since;

	if (bit >= RF_FOLLOW_MAX)
		return 1;
	since = this->control->follow_since[bit];
	if (since && since <= this->generation)
		this->bits |= 1ull << bit;
	return 0;
}

/* The bits that a process of this generation may keep. */
__noinline u64 rf_follow_kept(u32 generation)
{
	struct keeping keeping = { .control = rf_control_word(), .generation = generation };

	if (keeping.control)
		bpf_loop(RF_FOLLOW_MAX, keep_bit, &keeping, 0);
	return keeping.bits;
}

static __always_inline u64 of_key(struct rf_scratch *scratch)
{
	u64 *bits = bpf_map_lookup_elem(&rf_follow_binaries, &scratch->key);

	return bits ? *bits : 0;
}

static __always_inline u64 of_binary(struct rf_scratch *scratch, struct rf_process *process)
{
	if (process->flags & RF_PROCESS_BINARY_UNKNOWN || rf_key_binary(scratch, process))
		return 0;
	return of_key(scratch);
}

/* The binary of a process of which there is no state. Uses path slot 1 and leaves it clear. */
static __always_inline u64 of_unknown(struct rf_scratch *scratch, struct task_struct *task)
{
	struct mm_struct *mm = BPF_CORE_READ(task, mm);
	struct file *file = mm ? BPF_CORE_READ(mm, exe_file) : NULL;
	u64 bits = 0;

	if (BPF_CORE_READ(task, flags) & PF_KTHREAD || !file)
		return 0;
	if (!rf_path_of_file(scratch, 1, file) && !(scratch->paths[1].flags & RF_PATH_TRUNCATED) &&
	    !rf_key_forward(scratch, 1))
		bits = of_key(scratch);
	scratch->paths[1].flags = 0;
	return bits;
}

struct ancestry {
	struct rf_scratch *scratch;
	struct rf_process *process; /* that it is about */
	struct task_struct *task; /* leader of the one at hand: of the process, then of its ancestors */
	u64 bits;
	u64 own; /* of the process itself */
	u32 generation;
};

static long one_of_them(u32 index, void *context)
{
	struct ancestry *this = context;
	struct task_struct *task = this->task;
	struct rf_process *known = index ? bpf_task_storage_get(&rf_processes, task, 0, 0) : this->process;
	u64 binary;

	if (!task->pid)
		return 1; /* what the kernel started has no parent */
	if (known && known->follow_generation == this->generation) {
		this->bits |= known->follow;
		return 1;
	}
	this->bits |= rf_follow_of_task(task);
	if (known)
		this->bits |= known->follow & rf_follow_kept(known->follow_generation);
	binary = known ? of_binary(this->scratch, known) : of_unknown(this->scratch, task);
	this->bits |= binary;
	if (!index)
		this->own = binary;
	this->task = task->real_parent->group_leader;
	return 0;
}

/* The bits are there before their generation: other threads of the process may be at hooks. */
static __always_inline void renew(struct rf_scratch *scratch, struct rf_process *process, struct task_struct *leader,
				  u32 generation)
{
	struct ancestry ancestry = {
		.scratch = scratch,
		.process = process,
		.task = leader,
		.generation = generation,
	};

	bpf_loop(1 + ANCESTORS_MAX, one_of_them, &ancestry, 0);
	__sync_lock_test_and_set(&process->follow, ancestry.bits);
	process->own = ancestry.own;
	process->follow_generation = generation;
}

__noinline int rf_follow_update(struct rf_scratch *given, struct rf_process *process)
{
	struct task_struct *leader = bpf_get_current_task_btf()->group_leader;
	struct rf_scratch *scratch = given ? rf_scratch_value(given) : NULL;
	u32 generation = rf_follow_generation();

	if (!scratch || !process)
		return -1;
	if (process->follow_generation != generation) {
		renew(scratch, process, leader, generation);
	} else if (generation) {
		process->own = of_binary(scratch, process);
		process->follow |= rf_follow_of_task(leader) | process->own;
	}
	return 0;
}
