/* windows.h - what wine's header of that name leaves out: winbase.h (GetNumaHighestNodeNumber). */
#include_next <windows.h>

WINBASEAPI BOOL WINAPI GetNumaHighestNodeNumber(PULONG highest);
