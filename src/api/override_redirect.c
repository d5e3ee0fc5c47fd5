/* override_redirect.c - has the C runtime redirected when the DLL is loaded, on Windows; or finds
 * its functions for a program that has ours under their names. */
#include "api/override_crt.h"
#include "base/compiler.h"

#if defined(_WIN32) && MIM_REPLACES_CRT && defined(MI_SHARED_LIB_EXPORT)

#include <stdatomic.h>
#include <string.h>

#include "diag/message.h"
#include "prim/windows/api.h"

#if defined(__arm64ec__)
#define COMPANION L"mimalloc-redirect-arm64ec.dll"
#elif defined(__aarch64__)
#define COMPANION L"mimalloc-redirect-arm64.dll"
#elif defined(__x86_64__)
#define COMPANION L"mimalloc-redirect.dll"
#else
#define COMPANION L"mimalloc-redirect32.dll"
#endif

static _Atomic(bool) redirect_is_done;

bool mim_is_redirected(void) {
  return atomic_load_explicit(&redirect_is_done, memory_order_relaxed);
}

bool mim_crt_is_replaced(void) { return mim_is_redirected(); }

mim_redirect_code_t* mim_crt_original(mim_redirect_code_t** originals, size_t place) {
  return originals[place];
}

static void redirect_tell(const char* runtime, const char* function, const char* why) {
  if (why == NULL) {
    mim_verbose(3, "redirected: %s of %s", function, runtime);
  } else {
    mim_verbose(1, "%s of %s cannot be redirected: %s", function, runtime, why);
  }
}

static bool is_set(const char* variable) {
  char value[8];
  const DWORD length = GetEnvironmentVariableA(variable, value, sizeof(value));
  return length != 0 && strcmp(value, "0") != 0;
}

/* The file beside this DLL, wherever the system would look first. */
static bool companion_path(wchar_t* path, DWORD room) {
  HMODULE self;
  const DWORD flags =
    GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS;
  if (!GetModuleHandleExW(flags, (const wchar_t*)(const void*)&redirect_is_done, &self)) {
    return false;
  }
  const DWORD length = GetModuleFileNameW(self, path, room);
  if (length == 0 || length >= room - sizeof(COMPANION) / sizeof(wchar_t)) { return false; }
  wchar_t* const name = wcsrchr(path, L'\\');
  if (name == NULL) { return false; }
  wcscpy(name + 1, COMPANION);
  return true;
}

/* It needs nothing but what is loaded already, so it may be loaded while we are. */
static mim_redirect_install_t* companion_load(const char** why) {
  wchar_t path[1024];
  union {
    FARPROC found;
    mim_redirect_install_t* install;
  } function = {NULL};
  const bool has_path = companion_path(path, sizeof(path) / sizeof(path[0]));
  const HMODULE module = has_path ? LoadLibraryExW(path, NULL, 0) : NULL;
  *why = "the redirection DLL is not beside mimalloc.dll, or cannot be loaded";
  if (module == NULL) { return NULL; }
  function.found = GetProcAddress(module, MIM_REDIRECT_INSTALL);
  if (function.found == NULL) { *why = "the redirection DLL is not mimalloc's own"; }
  return function.install;
}

static bool redirect_now(bool is_late, const char** why) {
  const mim_redirect_request_t request = {
    .version = MIM_REDIRECT_VERSION,
    .functions = mim_crt_functions,
    .count = mim_crt_function_count,
    .is_late = is_late,
    .with_msvcrt = is_set("MIMALLOC_REDIRECT_MSVCRT"),
    .tell = &redirect_tell,
  };
  mim_redirect_install_t* const install = companion_load(why);
  return install != NULL && install(&request, why) > 0;
}

static void redirect_start(bool is_late) {
  const DWORD saved = GetLastError();
  const char* why = "MIMALLOC_DISABLE_REDIRECT is set";
  const bool is_done = !is_set("MIMALLOC_DISABLE_REDIRECT") && redirect_now(is_late, &why);
  atomic_store_explicit(&redirect_is_done, is_done, memory_order_relaxed);
  if (is_done) {
    mim_verbose(1, "malloc is redirected.");
  } else {
    mim_verbose(1, "malloc is not redirected: %s", why);
  }
  SetLastError(saved);
}

/* Behind the constructors. What is reserved says whether the DLL comes with the program, which has
 * no other threads then, or later; a TLS callback is not told. */
BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, void* reserved); /* no header declares it */
BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, void* reserved) {
  (void)self;
  if (reason == DLL_PROCESS_ATTACH) { redirect_start(reserved == NULL); }
  return TRUE;
}

#else

#if defined(_WIN32) && MIM_REPLACES_CRT
#include "prim/windows/api.h"

bool mim_crt_is_replaced(void) { return true; }

/* Looked up when first there is a block of the runtime itself: of _fullpath, say. */
mim_redirect_code_t* mim_crt_original(mim_redirect_code_t** originals, size_t place) {
  const HMODULE module = GetModuleHandleA("ucrtbase.dll");
  for (size_t i = 0; module != NULL && i < mim_crt_function_count; i++) {
    if (mim_crt_functions[i].originals != originals) { continue; }
    return (mim_redirect_code_t*)GetProcAddress(module, mim_crt_functions[i].name);
  }
  return originals[place];
}
#endif

bool mim_is_redirected(void) { return false; }

#endif
