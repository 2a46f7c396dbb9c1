// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Self-tests of the readers of facts: a program for each, run by hand on objects of the process that runs it, on bytes
 * that the test wrote into a map, or on its own memory. What was read goes back through the map.
 */
#include <ringfence/maps.h>
#include <ringfence/facts.h>
#include "check.h"

#define DATA_MAX 8192
#define OBJECT_MAX 1024 /* more than any of the kernel's objects that are made up here */
#define SLOT 3
#define FACT 5
#define SIZE_FACT 9
#define CONTEXT_OF_RUN 48 /* offset of test.ctx_in in union bpf_attr, include/uapi/linux/bpf.h */

struct st_facts {
	u64 raw; /* in: the value of the fact */
	s64 size; /* in: of the fact that says how many bytes there are */
	u8 data[DATA_MAX]; /* in */
	u8 object[OBJECT_MAX];
	s32 result; /* out: of the reader */
	u32 flags; /* out, and all that follows */
	u32 start;
	u32 length;
	u32 whole;
	u32 reserved;
	u64 inode;
	u8 text[RF_PATH_MAX];
	struct rf_key forward, reverse;
	struct rf_socket socket;
	struct rf_credentials_slot credentials;
	struct rf_subject subject;
	u64 number;
};

struct st_facts_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct st_facts);
};

struct st_facts_map st_facts SEC(".maps");

static __always_inline struct st_facts *facts_of_test(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&st_facts, &zero);
}

static __always_inline void give_text(struct st_facts *facts, struct rf_scratch *scratch)
{
	struct rf_path *path = &scratch->paths[SLOT];

	rf_read_object(scratch, SLOT);
	facts->flags = path->flags;
	facts->start = path->start;
	facts->length = path->length;
	facts->whole = path->size;
	facts->inode = path->inode;
	bpf_probe_read_kernel(facts->text, sizeof(facts->text), path->text);
	rf_key_forward(scratch, SLOT);
	facts->forward = scratch->key;
	rf_key_reverse(scratch, SLOT);
	facts->reverse = scratch->key;
}

/*
 * Reads twice: the second time the value is another one, but what the slot holds is an answer for this fact. A third
 * time, when the slot has become another fact's, there has to be a new one.
 */
#define TEXT_TEST(name, value, ...)                                                                    \
	SEC("syscall")                                                                                 \
	int test_read_##name(void *context)                                                            \
	{                                                                                              \
		struct rf_scratch *scratch = rf_scratch_claim_sleepable();                             \
		struct st_facts *facts = facts_of_test();                                              \
                                                                                                       \
		CHECK(scratch && facts);                                                               \
		scratch->arguments[SIZE_FACT] = facts->size;                                           \
		scratch->arguments[FACT] = (value);                                                    \
		facts->result = rf_read_##name(scratch, SLOT, FACT, ##__VA_ARGS__);                    \
		CHECK(scratch->paths[SLOT].owner == FACT);                                             \
		give_text(facts, scratch);                                                             \
		scratch->arguments[FACT] = 0;                                                          \
		CHECK(rf_read_##name(scratch, SLOT, FACT, ##__VA_ARGS__) == facts->result);            \
		CHECK(scratch->paths[SLOT].flags == facts->flags);                                     \
		scratch->arguments[FACT + 1] = 0;                                                      \
		rf_read_##name(scratch, SLOT, FACT + 1, ##__VA_ARGS__);                                \
		CHECK(scratch->paths[SLOT].owner == FACT + 1);                                         \
		CHECK(rf_read_##name(scratch, RF_PATH_SLOTS, FACT, ##__VA_ARGS__) == -1);              \
		CHECK(rf_read_##name(scratch, SLOT, RF_FACT_MAX, ##__VA_ARGS__) == -1);                \
		rf_scratch_release_sleepable(scratch);                                                 \
		return 0;                                                                              \
	}

#define SOCKET_TEST(name, value, ...)                                                                  \
	SEC("syscall")                                                                                 \
	int test_read_##name(void *context)                                                            \
	{                                                                                              \
		struct rf_scratch *scratch = rf_scratch_claim_sleepable();                             \
		struct st_facts *facts = facts_of_test();                                              \
                                                                                                       \
		CHECK(scratch && facts);                                                               \
		scratch->arguments[SIZE_FACT] = facts->size;                                           \
		scratch->arguments[FACT] = (value);                                                    \
		facts->result = rf_read_##name(scratch, 1, FACT, ##__VA_ARGS__);                       \
		facts->socket = scratch->sockets[1];                                                   \
		scratch->arguments[FACT] = 0;                                                          \
		CHECK(rf_read_##name(scratch, 1, FACT, ##__VA_ARGS__) == facts->result);               \
		CHECK(scratch->sockets[1].flags == facts->socket.flags);                               \
		scratch->arguments[FACT + 1] = 0;                                                      \
		CHECK(!rf_read_##name(scratch, 1, FACT + 1, ##__VA_ARGS__));                           \
		CHECK(scratch->sockets[1].flags & RF_SOCKET_NONE);                                     \
		CHECK(rf_read_##name(scratch, RF_SOCKET_SLOTS, FACT, ##__VA_ARGS__) == -1);            \
		rf_scratch_release_sleepable(scratch);                                                 \
		return 0;                                                                              \
	}

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct file___private {
	void *private_data;
};
#pragma clang attribute pop

static __always_inline u64 file_of(u64 number)
{
	struct file **files = BPF_CORE_READ(bpf_get_current_task_btf(), files, fdt, fd);
	u64 file = 0;

	bpf_probe_read_kernel(&file, sizeof(file), files + (u32)number);
	return file;
}

static __always_inline u64 path_of(u64 number)
{
	return file_of(number) + bpf_core_field_offset(struct file, f_path);
}

static __always_inline u64 dentry_of(u64 number)
{
	struct file *file = (struct file *)file_of(number);

	return (u64)BPF_CORE_READ(file, f_path.dentry);
}

static __always_inline u64 socket_of(u64 number)
{
	struct file___private *file = (void *)file_of(number);

	return (u64)BPF_CORE_READ(file, private_data);
}

static __always_inline u64 sock_of(u64 number)
{
	struct socket *socket = (struct socket *)socket_of(number);

	return (u64)BPF_CORE_READ(socket, sk);
}

/* An object of the kernel's, as far as its reader looks at it. */
#define MAKE_UP(facts, member, value)                                                                  \
	({                                                                                             \
		typeof(member) made_up = (value);                                                      \
                                                                                                       \
		bpf_probe_read_kernel(&(facts)->object[OFFSET(member)], sizeof(made_up), &made_up);    \
	})
#define OFFSET(member) __builtin_preserve_field_info(member, BPF_FIELD_BYTE_OFFSET)

static __always_inline u64 binprm_of(struct st_facts *facts, u64 file)
{
	struct linux_binprm *bprm = NULL;

	MAKE_UP(facts, bprm->file, (struct file *)file);
	MAKE_UP(facts, bprm->filename, (const char *)facts->data);
	return (u64)facts->object;
}

static __always_inline u64 filename_of(struct st_facts *facts)
{
	struct filename *filename = NULL;

	MAKE_UP(facts, filename->name, (const char *)facts->data);
	return (u64)facts->object;
}

/* A packet of which @raw bytes are headroom, and as many more as there are. */
static __always_inline u64 packet_of(struct st_facts *facts)
{
	struct sk_buff *skb = NULL;

	MAKE_UP(facts, skb->head, facts->data);
	MAKE_UP(facts, skb->network_header, facts->raw);
	MAKE_UP(facts, skb->tail, facts->size);
	MAKE_UP(facts, skb->len, facts->size - facts->raw);
	MAKE_UP(facts, skb->protocol, 0);
	MAKE_UP(facts, skb->mark, 7);
	MAKE_UP(facts, skb->priority, 8);
	return (u64)facts->object;
}

/* Memory of the process: what it gave to bpf(2) as the context of this very run, by the registers of that call. */
static __always_inline u64 memory_of(u64 offset)
{
	u64 address = 0;

	bpf_probe_read_user(&address, sizeof(address), (void *)rf_syscall_argument(1) + CONTEXT_OF_RUN);
	return address + offset;
}

TEXT_TEST(fd, facts->raw)
TEXT_TEST(file, file_of(facts->raw))
TEXT_TEST(path, path_of(facts->raw))
TEXT_TEST(dentry, dentry_of(facts->raw))
TEXT_TEST(binprm, binprm_of(facts, file_of(facts->raw)))
TEXT_TEST(binprm_name, binprm_of(facts, 0))
TEXT_TEST(filename, filename_of(facts))
TEXT_TEST(string, facts->raw ?: (u64)facts->data)
TEXT_TEST(string_user, facts->raw >> 32 ? 8 : memory_of(facts->raw))
TEXT_TEST(bytes, facts->raw ?: (u64)facts->data, SIZE_FACT)
TEXT_TEST(bytes_user, facts->raw >> 32 ? 8 : memory_of(facts->raw), SIZE_FACT)
SOCKET_TEST(sock, sock_of(facts->raw))
SOCKET_TEST(socket, socket_of(facts->raw))
SOCKET_TEST(skb, packet_of(facts))
SOCKET_TEST(sockaddr, facts->raw ?: (u64)facts->data, SIZE_FACT)
SOCKET_TEST(sockaddr_user, facts->raw >> 32 ? 8 : memory_of(facts->raw), SIZE_FACT)

SEC("syscall")
int test_read_cred(void *context)
{
	struct rf_scratch *scratch = rf_scratch_claim_sleepable();
	struct st_facts *facts = facts_of_test();

	CHECK(scratch && facts);
	scratch->arguments[FACT] = (u64)BPF_CORE_READ(bpf_get_current_task_btf(), cred);
	CHECK(rf_read_cred(scratch, FACT) == 0);
	facts->credentials = scratch->credentials;
	scratch->arguments[FACT] = 0;
	CHECK(rf_read_cred(scratch, FACT) == 0);
	CHECK(scratch->credentials.flags == RF_PATH_READ);
	scratch->arguments[FACT + 1] = 0;
	CHECK(rf_read_cred(scratch, FACT + 1) == 0);
	CHECK(scratch->credentials.flags == (RF_PATH_READ | RF_PATH_NONE) && scratch->credentials.owner == FACT + 1);
	scratch->arguments[FACT] = 8; /* no address of the kernel's */
	CHECK(rf_read_cred(scratch, FACT) == -1);
	CHECK(scratch->credentials.flags == (RF_PATH_READ | RF_PATH_FAULT));
	rf_scratch_release_sleepable(scratch);
	return 0;
}

SEC("syscall")
int test_read_subject(void *context)
{
	struct rf_scratch *scratch = rf_scratch_claim_sleepable();
	struct st_facts *facts = facts_of_test();

	CHECK(scratch && facts);
	CHECK(rf_read_subject(scratch) == 0);
	facts->subject = scratch->subject;
	CHECK(rf_read_subject(scratch) == 0);
	rf_scratch_release_sleepable(scratch);
	return 0;
}

/* The call that runs this program, by its number. */
SEC("syscall")
int test_syscall(void *context)
{
	struct st_facts *facts = facts_of_test();

	CHECK(facts);
	facts->number = rf_syscall_current();
	CHECK(rf_syscall64(facts->number) == facts->number);
	CHECK(rf_syscall64(facts->number | 1ull << 40) == facts->number); /* the kernel looks at the lower half */
	CHECK(rf_syscall_argument(0) == 10); /* BPF_PROG_TEST_RUN */
	CHECK(rf_syscall_argument(6) == 0);
	return 0;
}

/* The name that a watched thread gave to open(2), while the open goes on. */
SEC("lsm/file_open")
int BPF_PROG(st_open_name, struct file *file)
{
	struct st_facts *facts = facts_of_test();
	struct rf_scratch *scratch;

	if (!facts || facts->raw != (u32)bpf_get_current_pid_tgid())
		return 0;
	scratch = rf_scratch_claim();
	if (!scratch)
		return 0;
	facts->result = rf_read_open_name(scratch, SLOT, FACT);
	give_text(facts, scratch);
	facts->number = rf_syscall_current();
	rf_scratch_release(scratch);
	return 0;
}

/* Nothing is being opened. */
SEC("syscall")
int test_open_name_none(void *context)
{
	struct rf_scratch *scratch = rf_scratch_claim_sleepable();

	CHECK(scratch);
	CHECK(rf_read_open_name(scratch, SLOT, FACT) == 0);
	CHECK(scratch->paths[SLOT].flags == (RF_PATH_READ | RF_PATH_NONE) && !scratch->paths[SLOT].length);
	rf_scratch_release_sleepable(scratch);
	return 0;
}
