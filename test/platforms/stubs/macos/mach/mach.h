/* mach.h - macOS: task_info. */
#ifndef MIM_STUB_MACOS_MACH_MACH_H
#define MIM_STUB_MACOS_MACH_MACH_H

#include <stdint.h>

typedef int kern_return_t;
typedef unsigned mach_port_t;
typedef mach_port_t task_t;
typedef unsigned mach_msg_type_number_t;
typedef int* task_info_t;
typedef uintptr_t vm_address_t;
typedef struct mach_task_basic_info {
  uint64_t virtual_size, resident_size, resident_size_max;
} mach_task_basic_info_data_t;
#define KERN_SUCCESS 0
#define MACH_TASK_BASIC_INFO 20
#define MACH_TASK_BASIC_INFO_COUNT \
  ((mach_msg_type_number_t)(sizeof(mach_task_basic_info_data_t) / sizeof(unsigned)))
mach_port_t mach_task_self(void);
kern_return_t task_info(task_t task, unsigned kind, task_info_t info,
                        mach_msg_type_number_t* count);

#endif
