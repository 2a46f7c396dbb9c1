/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reading the kernel by plain loads. Since 6.2 an address can be called a pointer to a kernel type, and what it points
 * to be loaded; a load that faults gives zero. The helper that reads memory, which is all that older kernels have for
 * an address, costs some 85 instructions for a word where a load costs six.
 */
#ifndef RINGFENCE_DIRECT_H
#define RINGFENCE_DIRECT_H

#include <ringfence/kernel.h>

extern void *bpf_rdonly_cast(const void *object, u32 type) __ksym __weak;

/* Known when the program is loaded: what is behind it is left out where it does not hold. */
#define RF_DIRECT (bpf_rdonly_cast != NULL)

#define rf_direct(type, address)                                                                            \
	((struct type *)bpf_rdonly_cast((const void *)(address), bpf_core_type_id_kernel(struct type)))

/* Any eight bytes: a field of that size at the beginning of a structure. */
static __always_inline u64 rf_direct_word(const void *address)
{
	return rf_direct(qstr, address)->hash_len;
}

#endif
