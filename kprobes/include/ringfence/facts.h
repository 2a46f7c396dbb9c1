/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Facts: the values that compiled policies test and tell of, read lazily and once.
 *
 * A fact has a number. Its raw value (an integer, or the address of an object) is in scratch->arguments[fact] before
 * anything else runs. What it points to is read by one of these functions into a slot of the scratch. Several facts may
 * share a slot: it says whose value it holds (owner), and a call for another fact reads anew. They return 0 when the
 * value can be compared, else -1.
 *
 * They are global functions: the verifier checks each once, wherever it is called. So an object arrives as a number
 * and is read with helpers that may fail, never by the verifier's trust in a pointer.
 */
#ifndef RINGFENCE_FACTS_H
#define RINGFENCE_FACTS_H

#include <ringfence/scratch.h>

/* Paths, absolute in the mount namespace. */
int rf_read_file(struct rf_scratch *scratch, u32 slot, u32 fact); /* struct file * */
int rf_read_path(struct rf_scratch *scratch, u32 slot, u32 fact); /* struct path * */
int rf_read_dentry(struct rf_scratch *scratch, u32 slot, u32 fact); /* struct dentry *: up to the root of its tree */
int rf_read_binprm(struct rf_scratch *scratch, u32 slot, u32 fact); /* struct linux_binprm *: its file */
int rf_read_fd(struct rf_scratch *scratch, u32 slot, u32 fact); /* number in the file table of the calling task */

/* Strings: up to RF_PATH_MAX bytes, without their NUL. */
/* Inode, device, links and mode of the object whose path the slot holds: most that ask for a path need none of them. */
int rf_read_object(struct rf_scratch *scratch, u32 slot);
int rf_read_string(struct rf_scratch *scratch, u32 slot, u32 fact); /* in the kernel */
int rf_read_string_user(struct rf_scratch *scratch, u32 slot, u32 fact); /* in user memory: may change later */
int rf_read_filename(struct rf_scratch *scratch, u32 slot, u32 fact); /* struct filename *: the kernel's copy */
int rf_read_open_name(struct rf_scratch *scratch, u32 slot, u32 fact); /* of the open in progress; the kernel's copy */
int rf_read_binprm_name(struct rf_scratch *scratch, u32 slot, u32 fact); /* struct linux_binprm *: what exec was given */
/* A buffer: as many bytes as the fact @size says (a number of 64 bits, signed), up to RF_PATH_MAX. */
int rf_read_bytes(struct rf_scratch *scratch, u32 slot, u32 fact, u32 size); /* in the kernel */
int rf_read_bytes_user(struct rf_scratch *scratch, u32 slot, u32 fact, u32 size);

/* What has addresses and ports. */
int rf_read_sock(struct rf_scratch *scratch, u32 slot, u32 fact); /* struct sock * */
int rf_read_socket(struct rf_scratch *scratch, u32 slot, u32 fact); /* struct socket *: its sock */
int rf_read_skb(struct rf_scratch *scratch, u32 slot, u32 fact); /* struct sk_buff * */
/* A struct sockaddr of as many bytes as the lower 32 bits of the fact @size say. */
int rf_read_sockaddr(struct rf_scratch *scratch, u32 slot, u32 fact, u32 size); /* in the kernel */
int rf_read_sockaddr_user(struct rf_scratch *scratch, u32 slot, u32 fact, u32 size);
/* Where the data of a struct msghdr goes: by its name, or the other end of the socket, which the fact @sock is. */
int rf_read_msghdr_sock(struct rf_scratch *scratch, u32 slot, u32 fact, u32 sock); /* struct sock * */
int rf_read_msghdr_socket(struct rf_scratch *scratch, u32 slot, u32 fact, u32 socket); /* struct socket * */

int rf_read_cred(struct rf_scratch *scratch, u32 fact); /* struct cred * */
int rf_read_subject(struct rf_scratch *scratch); /* of the calling task */

/* A system call by number as the type syscall64 has it: bit 31 is set for a task in a 32-bit call. */
u64 rf_syscall64(u64 number);
/* The same of the call that the calling task is in: ~0 when it is in none. */
u64 rf_syscall_current(void);
/* Argument @index (0 to 5) of that call, from the registers that the kernel saved at its entry. */
u64 rf_syscall_argument(u32 index);

/*
 * Keys of sets. A forward key ends with the NUL of a value that is whole, so that an exact value and a prefix can be in
 * one set; a reverse key begins with the last byte. Values that are longer than RF_KEY_MAX are cut.
 */
int rf_key_forward(struct rf_scratch *scratch, u32 slot);
int rf_key_reverse(struct rf_scratch *scratch, u32 slot);
int rf_key_binary(struct rf_scratch *scratch, struct rf_process *process);
int rf_key_binary_reverse(struct rf_scratch *scratch, struct rf_process *process);

/* Keeps what a set said of the key: @found, or nothing at all when it is null. */
int rf_row_store(struct rf_scratch *scratch, u32 row, const struct rf_row *found);

#endif
