// half.s - the code of one half of a hybrid DLL: a function. IMPORTS makes it import a function that
// the other half does not.
    .text
    .globl NAME
NAME:
    .ifdef IMPORTS
    adrp x8, __imp_k
    ldr x8, [x8, :lo12:__imp_k]
    .endif
    mov w0, #1
    ret
