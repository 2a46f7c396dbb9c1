// SPDX-License-Identifier: Apache-2.0
/*
 * The forbidden program: no library, no loader, nothing before its first instruction, which begins to write a byte to
 * descriptor 3. The byte has its top bit set, as bytes of a secret have.
 */
__asm__(".globl _start\n"
	"_start:\n"
	"	mov $1, %eax\n" /* write */
	"	mov $3, %edi\n"
	"	lea mark(%rip), %rsi\n"
	"	mov $1, %edx\n"
	"	syscall\n"
	"	mov $60, %eax\n" /* exit */
	"	xor %edi, %edi\n"
	"	syscall\n"
	".section .rodata\n"
	"mark:	.byte 0xee\n"
	".section .note.GNU-stack,\"\",@progbits\n");
