// config.s - the load configuration of one half of an ARM64X DLL, or of an ARM64EC one that has no C
// runtime: the pointer to the metadata says that there is code of two processors. EC: the half for
// x64 processes, for which the linker fills in whose code is where.
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
