/* process.c - the environment, the clock, standard error, and what the process has used. */
#include <stdatomic.h>
#include <stdlib.h>

#include "base/bits.h"
#include "prim/prim.h"
#include "prim/windows/api.h"

/* A function of newer C runtimes' rand_s, too; documented as RtlGenRandom. */
__declspec(dllimport) BOOLEAN NTAPI SystemFunction036(void* buffer, ULONG size);

/* ---- the environment ---- */

/* Windows keeps it in UTF-16.  The C runtime's copy is there when the runtime has started, which
 * may be later than the first allocation; so the names that can be options are copied here. */
enum { ENVIRONMENT_BYTES = 16 * MIM_KIB, ENVIRONMENT_COUNT = 256 };

typedef struct environment {
  char text[ENVIRONMENT_BYTES];
  char* variables[ENVIRONMENT_COUNT + 1];
  size_t used, count;
} environment_t;

static bool is_option_name(const wchar_t* variable) {
  return (variable[0] | 0x20) == 'm' && (variable[1] | 0x20) == 'i';
}

/* What does not fit is left out. */
static void environment_add(environment_t* environment, const wchar_t* variable) {
  char* const place = environment->text + environment->used;
  const int room = (int)(ENVIRONMENT_BYTES - environment->used);
  const int length = WideCharToMultiByte(CP_UTF8, 0, variable, -1, place, room, NULL, NULL);
  if (length <= 0 || environment->count == ENVIRONMENT_COUNT) { return; }
  environment->used += (size_t)length;
  environment->variables[environment->count++] = place;
}

static void environment_read(environment_t* environment) {
  wchar_t* const block = GetEnvironmentStringsW(); /* of the process heap: no malloc */
  if (block == NULL) { return; }
  for (const wchar_t* at = block; *at != 0; at++) {
    if (is_option_name(at)) { environment_add(environment, at); }
    while (*at != 0) { at++; }
  }
  FreeEnvironmentStringsW(block);
}

/* Two threads may read it at once: the first to come with an answer has it. */
char** mim_prim_environment(void) {
  static environment_t environment;
  static _Atomic(int) state; /* 0: not read, 1: being read, 2: read */
  int expected = 0;
  if (atomic_compare_exchange_strong_explicit(&state, &expected, 1, memory_order_acquire,
                                              memory_order_acquire)) {
    const DWORD saved = GetLastError();
    environment_read(&environment);
    SetLastError(saved);
    atomic_store_explicit(&state, 2, memory_order_release);
  } else if (expected == 1) {
    return NULL;
  }
  return environment.variables;
}

/* There are no setuid programs. */
bool mim_prim_is_secure_execution(void) { return false; }

int mim_prim_wide_variable(const wchar_t* name, const wchar_t** value) {
  *value = _wgetenv(name);
  return 0;
}

/* ---- the process ---- */

void mim_prim_yield(void) { (void)SwitchToThread(); }

unsigned mim_prim_process_id(void) { return (unsigned)GetCurrentProcessId(); }

/* A program without console: a debugger may show it.  It wants a 0 at the end. */
static void write_debugger(const char* text, size_t length) {
  char part[256];
  for (size_t size; length > 0; text += size, length -= size) {
    size = mim_min(length, sizeof(part) - 1);
    memcpy(part, text, size);
    part[size] = 0;
    OutputDebugStringA(part);
  }
}

void mim_prim_write_error(const char* text, size_t length) {
  const DWORD saved = GetLastError();
  const HANDLE file = GetStdHandle(STD_ERROR_HANDLE);
  DWORD written;
  bool is_open = file != NULL && file != INVALID_HANDLE_VALUE;
  for (; is_open && length > 0; text += written, length -= written) {
    is_open = WriteFile(file, text, (DWORD)length, &written, NULL) && written > 0;
    if (!is_open) { break; }
  }
  if (!is_open && IsDebuggerPresent()) { write_debugger(text, length); }
  SetLastError(saved);
}

uint64_t mim_prim_clock_ns(void) {
  LARGE_INTEGER frequency, count;
  QueryPerformanceFrequency(&frequency);
  QueryPerformanceCounter(&count);
  const uint64_t unit = (uint64_t)frequency.QuadPart, ticks = (uint64_t)count.QuadPart;
  return ticks / unit * 1000000000u + ticks % unit * 1000000000u / unit;
}

uint64_t mim_prim_clock_ms(void) { return GetTickCount64(); }

unsigned mim_prim_cpu(void) { return (unsigned)GetCurrentProcessorNumber(); }

bool mim_prim_random(void* buffer, size_t size) {
  const DWORD saved = GetLastError();
  const bool is_filled = SystemFunction036(buffer, (ULONG)size);
  SetLastError(saved);
  return is_filled;
}

/* ---- what it has used ---- */

/* K32GetProcessMemoryInfo is in kernel32.dll since Windows 7; its header wants another library. */
typedef struct memory_counters {
  DWORD size;
  DWORD page_faults;
  SIZE_T peak_rss, current_rss;
  SIZE_T quotas[4];
  SIZE_T committed, peak_committed;
} memory_counters_t;
__declspec(dllimport) BOOL WINAPI
  K32GetProcessMemoryInfo(HANDLE process, memory_counters_t* counters, DWORD size);

static uint64_t time_us(FILETIME time) { /* units of 100 ns */
  return ((uint64_t)time.dwHighDateTime << 32 | time.dwLowDateTime) / 10;
}

void mim_prim_process_info(mim_prim_process_info_t* info) {
  const DWORD saved = GetLastError();
  const HANDLE self = GetCurrentProcess();
  FILETIME created, ended, kernel, user;
  memory_counters_t counters = {.size = sizeof(counters)};
  *info = (mim_prim_process_info_t){0};
  if (GetProcessTimes(self, &created, &ended, &kernel, &user)) {
    info->user_us = time_us(user);
    info->system_us = time_us(kernel);
  }
  if (K32GetProcessMemoryInfo(self, &counters, sizeof(counters))) {
    info->current_rss = counters.current_rss;
    info->peak_rss = mim_max(counters.peak_rss, counters.current_rss);
    info->page_faults =
      counters.page_faults; /* also those without disk: Windows counts no others */
  }
  SetLastError(saved);
}
