// chkstk_arm64ec.s - what clang calls before it makes a large stack frame: x15 is the frame's size in
// units of 16 bytes. Each page of it is touched in turn, from the top, since Windows has only one
// guard page below the stack. No register changes but x16 and x17.
    .globl "#__chkstk_arm64ec"
    .def "#__chkstk_arm64ec"
    .scl 2
    .type 32
    .endef
"#__chkstk_arm64ec":
    lsl x16, x15, #4
    mov x17, sp
0:  subs x16, x16, #4096
    b.lo 1f
    sub x17, x17, #4096
    ldr xzr, [x17]
    b 0b
1:  ret
