/*
 * The machine under the hook: how a program begins and calls the kernel, without a C library. A static one would be
 * two hundred times the size, for a program that runs once per container. All that differs by architecture is here.
 */
#pragma once
#include <asm/unistd.h>

#if defined(__x86_64__)
static inline long machine_call(long number, long a, long b, long c, long d, long e)
{
	register long r10 asm("r10") = d;
	register long r8 asm("r8") = e;
	long result;

	asm volatile("syscall"
		     : "=a"(result)
		     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
		     : "rcx", "r11", "memory");
	return result;
}

#define MACHINE_START                                                                                                \
	asm(".globl _start\n_start:\n\txor %ebp, %ebp\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall machine_main\n")
#elif defined(__aarch64__)
static inline long machine_call(long number, long a, long b, long c, long d, long e)
{
	register long x8 asm("x8") = number;
	register long x0 asm("x0") = a;
	register long x1 asm("x1") = b;
	register long x2 asm("x2") = c;
	register long x3 asm("x3") = d;
	register long x4 asm("x4") = e;

	asm volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
	return x0;
}

#define MACHINE_START asm(".globl _start\n_start:\n\tmov x29, #0\n\tmov x0, sp\n\tbl machine_main\n")
#else
#error "the hook is built for x86-64 and arm64"
#endif
