// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Keys of sets, from values that have been read; see ringfence/facts.h. */
#include <ringfence/maps.h>
#include <ringfence/facts.h>

/* The key ends here; @whole when nothing of the value is missing behind it. */
static __always_inline int end(struct rf_key *key, u64 length, bool whole)
{
	if (whole && length < RF_KEY_MAX) {
		key->value[length] = 0;
		length++;
	}
	key->bits = 8 * length;
	return 0;
}

__noinline int rf_key_forward(struct rf_scratch *scratch, u32 slot)
{
	struct rf_path *path;
	u64 start, length;

	if (!scratch || slot >= RF_PATH_SLOTS)
		return -1;
	path = &scratch->paths[slot];
	start = rf_at_most(path->start, RF_PATH_MAX);
	length = rf_at_most(path->length, RF_KEY_MAX);
	if (bpf_probe_read_kernel(scratch->key.value, length, &path->text[start]))
		return -1;
	return end(&scratch->key, length, !(path->flags & RF_PATH_TRUNCATED));
}

/* All of the words in front of @ends, last byte first; those in front of the value are not counted by the key. */
static __always_inline void reverse(struct rf_key *key, const u32 *ends, const u32 words)
{
	u32 *to = (u32 *)key->value;

#pragma unroll
	for (u32 word = 0; word < words; word++)
		to[word] = __builtin_bswap32(ends[-1 - (s32)word]);
}

_Static_assert(__builtin_offsetof(struct rf_key, value) % 4 == 0 && __builtin_offsetof(struct rf_path, text) % 4 == 0 &&
		       __builtin_offsetof(struct rf_process, binary_tail) % 4 == 0,
	       "what is reversed consists of words");

__noinline int rf_key_reverse(struct rf_scratch *scratch, u32 slot)
{
	struct rf_path *path;

	if (!scratch || slot >= RF_PATH_SLOTS)
		return -1;
	path = &scratch->paths[slot];
	reverse(&scratch->key, (const u32 *)&path->text[RF_PATH_MAX], RF_KEY_MAX / 4);
	scratch->key.bits = 8 * rf_at_most(path->length, RF_KEY_MAX);
	return 0;
}

_Static_assert(RF_BINARY_MAX <= RF_KEY_MAX && RF_BINARY_TAIL <= RF_KEY_MAX, "what is kept of a binary fits into a key");

__noinline int rf_key_binary(struct rf_scratch *scratch, struct rf_process *process)
{
	if (!scratch || !process)
		return -1;
	if (bpf_probe_read_kernel(scratch->key.value, RF_BINARY_MAX, process->binary))
		return -1;
	return end(&scratch->key, rf_at_most(process->binary_length, RF_BINARY_MAX), true);
}

__noinline int rf_key_binary_reverse(struct rf_scratch *scratch, struct rf_process *process)
{
	if (!scratch || !process)
		return -1;
	reverse(&scratch->key, (const u32 *)&process->binary_tail[RF_BINARY_TAIL], RF_BINARY_TAIL / 4);
	scratch->key.bits = 8 * rf_at_most(process->binary_length, RF_BINARY_TAIL);
	return 0;
}
