/* OS.h - Haiku: areas; the Kernel Kit. */
#ifndef MIM_STUB_HAIKU_OS_H
#define MIM_STUB_HAIKU_OS_H

#include <sys/types.h>

typedef int32_t status_t, team_id, area_id;
typedef struct area_info {
  area_id area;
  size_t size;
  uint32_t ram_size;
} area_info;
#define B_OK 0
#define B_CURRENT_TEAM 0
status_t get_next_area_info(team_id team, ssize_t* cookie, area_info* info);

#endif
