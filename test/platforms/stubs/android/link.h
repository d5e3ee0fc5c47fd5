/* link.h - Android: ELF files; elf(5). */
#ifndef MIM_STUB_ANDROID_LINK_H
#define MIM_STUB_ANDROID_LINK_H

#include <stdint.h>

#define PT_LOAD 1
#define PF_X 1
#define ElfW(name) Elf64_##name
typedef struct Elf64_Ehdr {
  uint64_t e_phoff;
  uint16_t e_phnum;
} Elf64_Ehdr;
typedef struct Elf64_Phdr {
  uint32_t p_type, p_flags;
  uint64_t p_vaddr, p_memsz;
} Elf64_Phdr;

#endif
