/* system.c - what macOS tells by means of its own: memory in use. */
#include <mach/mach.h>
#include <unistd.h>

#include "prim/prim.h"
#include "prim/unix/unix.h"

bool mim_prim_is_secure_execution(void) { return issetugid() != 0; }

/* macOS does not say before version 11. */
unsigned mim_prim_cpu(void) { return 0; }

size_t mim_unix_current_rss(void) {
  mach_task_basic_info_data_t info;
  mach_msg_type_number_t count = MACH_TASK_BASIC_INFO_COUNT;
  const kern_return_t result =
    task_info(mach_task_self(), MACH_TASK_BASIC_INFO, (task_info_t)&info, &count);
  return result == KERN_SUCCESS ? (size_t)info.resident_size : 0;
}

size_t mim_unix_maxrss_unit(void) { return 1; }
