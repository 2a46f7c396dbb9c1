/*
 * What the hook asks of the kernel, and the little of a C library that it needs. Results are as the kernel gives them:
 * below zero is an error.
 */
#pragma once
#include <linux/stat.h>
#include <linux/types.h>

typedef unsigned long size_t;
typedef __u64 u64;

/* Text that belongs to somebody else, without an end mark. */
struct text {
	const char *at;
	size_t length;
};

#define TEXT(literal) ((struct text){ literal, sizeof(literal) - 1 })

void *memcpy(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int memcmp(const void *one, const void *other, size_t bytes);

int same_text(struct text one, struct text other);
struct text text_of(const char *string);
/* Digits at the beginning of @from; what follows does not count. 0 when there are none. */
u64 number_of(struct text from);

__attribute__((noreturn)) void finish(int status);
void complain(struct text what, struct text about);

u64 now_ms(void);
u64 wall_seconds(void);
void pause_ms(u64 milliseconds);

long open_file(const char *path, int flags);
long read_some(int file, void *into, size_t bytes);
long write_some(int file, const void *from, size_t bytes);
void close_file(int file);
int stat_file(const char *path, struct statx *into);
/* What a link says, as a string; returns its length. */
long read_link(const char *path, char *into, size_t bytes);

/* Reads up to @bytes until the end of the file or @deadline_ms; returns how many, an error, or @bytes + 1 for more. */
long read_whole(int file, char *into, size_t bytes, u64 deadline_ms);
int write_whole(int file, struct text from, u64 deadline_ms);
/* Non-blocking; an error when nobody listens. */
long connect_to(const char *path);
/* Waits until @file can be read, or written to. */
int wait_for(int file, int to_write, u64 deadline_ms);
