// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Descriptors of our maps, however they are asked for: by id, by pin, from a map of maps.
 *
 * Outside of the host even one for reading is refused: a program that is loaded with it can write. On the host it is
 * given, and the program is refused. Of links there is nothing to guard: those of LSM, fentry, tracepoint and kprobe
 * programs have neither an update nor a detach operation (kernel/bpf/syscall.c bpf_tracing_link_lops,
 * bpf_raw_tp_link_lops, bpf_perf_link_lops), and a descriptor of one keeps it alive.
 */
#include <ringfence/guard.h>

#define BPF_MAP_FREEZE 22 /* enum bpf_cmd, include/uapi/linux/bpf.h */
#define DETAIL_FREEZE 4
#define USED_MAPS_MAX 64 /* MAX_USED_MAPS, include/linux/bpf_verifier.h */

SEC("lsm/bpf_map")
s64 BPF_PROG(rf_guard_map_fd, struct bpf_map *map, u32 mode)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct rf_guard *guard = rf_guard_armed();
	u32 id = map->id;

	if (!guard || !bpf_map_lookup_elem(&rf_guarded, &id) || rf_guard_is_ours(guard, task))
		return 0;
	if (!(mode & FMODE_WRITE) && rf_is_host(task))
		return 0;
	return rf_guard_act(RF_TAMPER_MAP, 1, id, mode & 3, (u64)__builtin_preserve_access_index(&map->name));
}

static __always_inline struct bpf_map *map_of_fd(struct task_struct *task, u32 fd)
{
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **files = BPF_CORE_READ(table, fd);
	struct file___guard *file = NULL;

	if (fd < BPF_CORE_READ(table, max_fds))
		bpf_probe_read_kernel(&file, sizeof(file), &files[fd]);
	return file ? BPF_CORE_READ(file, private_data) : NULL;
}

/*
 * Up to 6.1 at least a descriptor for reading is enough to freeze a map, and then the agent can not write it any more.
 * Which map it will be, the kernel looks up after this hook: a second thread may exchange the descriptor. Only the host
 * has one. Of a file that is no map nothing is frozen, whatever is read of it here.
 */
SEC("lsm/bpf")
s64 BPF_PROG(rf_guard_freeze, int command, void *attributes)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct rf_guard *guard = rf_guard_armed();
	struct bpf_map *map;
	u32 fd = 0, id;

	if (command != BPF_MAP_FREEZE || !guard || rf_guard_is_ours(guard, task))
		return 0;
	bpf_probe_read_kernel(&fd, sizeof(fd), attributes); /* map_fd, its first member */
	map = map_of_fd(task, fd);
	id = BPF_CORE_READ(map, id);
	if (!map || !bpf_map_lookup_elem(&rf_guarded, &id))
		return 0;
	return rf_guard_act(RF_TAMPER_MAP, 1, id, DETAIL_FREEZE, (u64)__builtin_preserve_access_index(&map->name));
}

static __always_inline bool uses_guarded(struct bpf_prog_aux *aux)
{
	struct bpf_map **maps = aux->used_maps, *map;
	u32 count = aux->used_map_cnt, id;

	for (u32 index = 0; index < USED_MAPS_MAX; index++) {
		if (index >= count || bpf_probe_read_kernel(&map, sizeof(map), &maps[index]))
			return false;
		id = BPF_CORE_READ(map, id);
		if (bpf_map_lookup_elem(&rf_guarded, &id))
			return true;
	}
	return false;
}

/* A program that was there before the agent was let in by the one before, or by nobody's guard. */
SEC("lsm/bpf_prog")
s64 BPF_PROG(rf_guard_program_fd, struct bpf_prog *program)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct rf_guard *guard = rf_guard_armed();
	struct bpf_prog_aux *aux = program->aux;
	u32 id = aux->id, yes = 1;

	if (!guard)
		return 0;
	if (rf_guard_is_ours(guard, task)) {
		if (guard->agent_pid)
			bpf_map_update_elem(&rf_guard_programs, &id, &yes, 0);
		return 0;
	}
	if (aux->load_time < guard->armed_ns || bpf_map_lookup_elem(&rf_guard_programs, &id) || !uses_guarded(aux))
		return 0;
	return rf_guard_act(RF_TAMPER_PROGRAM, 1, id, 0, (u64)__builtin_preserve_access_index(&aux->name));
}
