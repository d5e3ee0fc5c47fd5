/* system.c - what FreeBSD, NetBSD, OpenBSD and DragonFly tell by means of their own: the CPU,
 * memory in use, which each has in a structure of its own. */
#include <sys/param.h>

#include <errno.h>
#include <sched.h>
#include <sys/sysctl.h>
#include <unistd.h>

#if defined(__FreeBSD__) || defined(__DragonFly__)
#include <sys/user.h>
#endif

#include "prim/prim.h"
#include "prim/unix/unix.h"

bool mim_prim_is_secure_execution(void) { return issetugid() != 0; }

unsigned mim_prim_cpu(void) {
#if defined(__DragonFly__) || (defined(__FreeBSD__) && __FreeBSD_version >= 1301000)
  const int saved_errno = errno;
  const int cpu = sched_getcpu();
  errno = saved_errno;
  return cpu < 0 ? 0 : (unsigned)cpu;
#else
  return 0;
#endif
}

/* The kernel's description of this process, and the OS pages in it that are resident. */
#if defined(__FreeBSD__)
typedef struct kinfo_proc process_t;
enum { PROCESS_MIB = KERN_PROC, PROCESS_MIB_LENGTH = 4 };
static size_t resident_pages(const process_t* process) { return (size_t)process->ki_rssize; }
#elif defined(__DragonFly__)
typedef struct kinfo_proc process_t;
enum { PROCESS_MIB = KERN_PROC, PROCESS_MIB_LENGTH = 4 };
static size_t resident_pages(const process_t* process) { return (size_t)process->kp_vm_rssize; }
#elif defined(__NetBSD__)
typedef struct kinfo_proc2 process_t;
enum { PROCESS_MIB = KERN_PROC2, PROCESS_MIB_LENGTH = 6 };
static size_t resident_pages(const process_t* process) { return (size_t)process->p_vm_rssize; }
#else
typedef struct kinfo_proc process_t;
enum { PROCESS_MIB = KERN_PROC, PROCESS_MIB_LENGTH = 6 };
static size_t resident_pages(const process_t* process) { return (size_t)process->p_vm_rssize; }
#endif

size_t mim_unix_current_rss(void) {
  process_t process;
  size_t size = sizeof(process);
  const int mib[] = {CTL_KERN, PROCESS_MIB, KERN_PROC_PID, getpid(), (int)sizeof(process), 1};
  if (sysctl(mib, PROCESS_MIB_LENGTH, &process, &size, NULL, 0) != 0) { return 0; }
  return resident_pages(&process) * (size_t)sysconf(_SC_PAGESIZE);
}

size_t mim_unix_maxrss_unit(void) { return 1024; }
