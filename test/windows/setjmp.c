/* setjmp.c - the one function of the old C runtime that MinGW's threads want and the UCRT calls by
 * another name. */
#if defined(__x86_64__)
__asm__(".globl _setjmp\n"
        "_setjmp: jmp __intrinsic_setjmp\n");
#endif

typedef int test_setjmp_t; /* ISO C forbids an empty file */
