/* threads.c - see threads.h. */
#include "redirect/threads.h"

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <tlhelp32.h>

enum { THREADS_MAX = 4096, TRIES = 1000 };

static HANDLE threads[THREADS_MAX];
static size_t thread_count;

#if defined(__aarch64__)
#define POINTER Pc
#elif defined(__x86_64__)
#define POINTER Rip
#else
#define POINTER Eip
#endif

/* False if there are more than can be remembered. */
static bool remember(DWORD id) {
  if (id == GetCurrentThreadId()) { return true; }
  if (thread_count == THREADS_MAX) { return false; }
  const HANDLE thread = OpenThread(THREAD_SUSPEND_RESUME | THREAD_GET_CONTEXT, FALSE, id);
  if (thread != NULL) { threads[thread_count++] = thread; } /* else: it has ended meanwhile */
  return true;
}

static bool find_threads(void) {
  THREADENTRY32 entry = {.dwSize = sizeof(entry)};
  const HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
  thread_count = 0;
  if (snapshot == INVALID_HANDLE_VALUE) { return false; }
  bool is_complete = true;
  for (BOOL more = Thread32First(snapshot, &entry); more && is_complete;
       more = Thread32Next(snapshot, &entry)) {
    if (entry.th32OwnerProcessID == GetCurrentProcessId()) {
      is_complete = remember(entry.th32ThreadID);
    }
  }
  CloseHandle(snapshot);
  return is_complete;
}

static bool stands_in(uint64_t pointer, const threads_range_t* ranges, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (pointer > ranges[i].start && pointer < ranges[i].start + ranges[i].size) { return true; }
  }
  return false;
}

/* A thread that has ended counts as stopped. */
static bool stop_one(HANDLE thread, const threads_range_t* ranges, size_t count) {
  for (int i = 0; i < TRIES; i++) {
    CONTEXT context = {.ContextFlags = CONTEXT_CONTROL};
    if (SuspendThread(thread) == (DWORD)-1) { return true; }
    if (GetThreadContext(thread, &context) && !stands_in(context.POINTER, ranges, count)) {
      return true;
    }
    ResumeThread(thread);
    Sleep(i < TRIES / 2 ? 0 : 1);
  }
  return false;
}

static void forget_threads(void) {
  for (size_t i = 0; i < thread_count; i++) { CloseHandle(threads[i]); }
  thread_count = 0;
}

static void resume_first(size_t count) {
  for (size_t i = 0; i < count; i++) { ResumeThread(threads[i]); }
}

bool threads_stop(const threads_range_t* ranges, size_t count) {
  bool is_stopped = find_threads();
  size_t stopped = 0;
  while (is_stopped && stopped < thread_count) {
    is_stopped = stop_one(threads[stopped], ranges, count);
    stopped += is_stopped;
  }
  if (is_stopped) { return true; }
  resume_first(stopped);
  forget_threads();
  return false;
}

void threads_resume(void) {
  resume_first(thread_count);
  forget_threads();
}
