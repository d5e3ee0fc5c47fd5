# Writes one assembler file for the linker's test (mold.sh): object number `object` of `objects`, with
# `functions` functions. Each lies in a section of its own and mixes a number; half of them are
# called, through a table. Beside them there is what makes a linker work: functions that others
# repeat (COMDAT groups), equal functions (for --icf), strings that can be merged, unwind tables.
# Object 0 is the table of all objects. With `answer` set, prints what the program computes instead.
#
# Function j of object i adds i % 3 * 1000 + j % 50: equal constants make equal functions. Called
# ones are those with an even j; a shared one adds its number.

function added(i, j) { return i % 3 * 1000 + j % 50 }

function write_function(name, attributes, sum, string) {
  printf ".section .text.%s,%s\n.globl %s\n.type %s,@function\n", name, attributes, name, name
  printf "%s:\n.cfi_startproc\n  imull $31, %%edi, %%eax\n  addl $%d, %%eax\n", name, sum
  printf "  leaq .Lstring%d(%%rip), %%rdx\n  movzbl (%%rdx), %%edx\n  addl %%edx, %%eax\n", string
  printf "  ret\n.cfi_endproc\n.size %s, .-%s\n", name, name
}

function write_object(j) {
  for (j = 0; j < 97; j++)
    printf ".section .rodata.str1.1,\"aMS\",@progbits,1\n.Lstring%d: .asciz \"%c%d is a string\"\n",
      j, 65 + j % 26, j
  for (j = 0; j < functions; j++)
    write_function("function_" object "_" j, "\"ax\"", added(object, j), j % 97)
  for (j = 0; j < shared; j++) {
    printf ".weak shared_%d\n", j
    write_function("shared_" j, "\"axG\",@progbits,shared_" j ",comdat", j, j % 97)
  }
  printf ".section .data.rel.table,\"aw\"\n.globl table_%d\ntable_%d:\n", object, object
  for (j = 0; j < functions; j += 2) printf "  .quad function_%d_%d\n", object, j
  for (j = 0; j < shared; j++) printf "  .quad shared_%d\n", j
  print "  .quad 0"
}

function write_tables(i) {
  print ".section .data.rel.tables,\"aw\"\n.globl tables\ntables:"
  for (i = 1; i <= objects; i++) printf "  .quad table_%d\n", i
  print "  .quad 0"
}

function mixed(sum, string) { return (total * 31 + sum + 65 + string % 26) % 1048576 }

function compute(i, j) {
  for (i = 1; i <= objects; i++) {
    for (j = 0; j < functions; j += 2) total = mixed(added(i, j), j % 97)
    for (j = 0; j < shared; j++) total = mixed(j, j % 97)
  }
  print total
}

BEGIN {
  shared = 200
  if (answer) { total = 0; compute() }
  else if (object == 0) write_tables()
  else write_object()
  if (!answer) print ".section .note.GNU-stack,\"\",@progbits"
}
