// half.s - one half of a hybrid DLL: a function, and the load configuration that says "hybrid".
// IMPORTS makes it import a function that the other half does not.
    .section .rdata, "dr"
    .globl _load_config_used
    .p2align 3, 0
_load_config_used:
    .word 0x140
    .fill 0xc4, 1, 0
    .xword __chpe_metadata
    .fill 0x70, 1, 0
__chpe_metadata:
    .word 1
    .ifdef EC
    .rva __hybrid_code_map
    .word __hybrid_code_map_count
    .fill 0x7c, 1, 0
    .else
    .fill 0x84, 1, 0
    .endif
    .text
    .globl NAME
NAME:
    .ifdef IMPORTS
    adrp x8, __imp_k
    ldr x8, [x8, :lo12:__imp_k]
    .endif
    mov w0, #1
    ret
