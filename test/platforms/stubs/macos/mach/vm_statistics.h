/* vm_statistics.h - macOS: marks of mappings; mmap(2). */
#ifndef MIM_STUB_MACOS_MACH_VM_STATISTICS_H
#define MIM_STUB_MACOS_MACH_VM_STATISTICS_H

#define VM_MAKE_TAG(tag) ((tag) << 24)

#endif
