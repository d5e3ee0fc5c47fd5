/* override_cxx_runtime.c - what operator new asks of the C++ runtime, if the program has one. */
#include "api/cxx_new.h"

#if !defined(_WIN32)

/* Weak: in a C program they are NULL, and nobody calls operator new. */
typedef void new_handler_t(void);
MIM_WEAK extern new_handler_t* _ZSt15get_new_handlerv(void);
MIM_WEAK extern void _ZSt17__throw_bad_allocv(void);

bool mim_cxx_call_new_handler(size_t size) {
  (void)size;
  if (_ZSt15get_new_handlerv == NULL) { return false; }
  new_handler_t* const handler = _ZSt15get_new_handlerv();
  if (handler == NULL) { return false; }
  handler();
  return true;
}

void mim_cxx_throw_bad_alloc(void) {
  if (_ZSt17__throw_bad_allocv != NULL) { _ZSt17__throw_bad_allocv(); }
}

#else

#include "prim/windows/api.h"

/* The runtimes of MinGW and of Microsoft are DLLs that the program has loaded, or has not: only the
 * latter's new handler is known to the C runtime. */
static FARPROC find_function(const char* const dlls[], const char* name) {
  for (; *dlls != NULL; dlls++) {
    const HMODULE module = GetModuleHandleA(*dlls);
    const FARPROC found = module == NULL ? NULL : GetProcAddress(module, name);
    if (found != NULL) { return found; }
  }
  return NULL;
}

static const char* const gnu_dlls[] = {"libstdc++-6.dll", "libc++.dll", NULL};
static const char* const microsoft_dlls[] = {"ucrtbase.dll", "ucrtbased.dll", NULL};
static const char* const microsoft_cxx_dlls[] = {"msvcp140.dll", "msvcp140d.dll", NULL};

bool mim_cxx_call_new_handler(size_t size) {
  typedef void new_handler_t(void);
  union {
    FARPROC function;
    new_handler_t* (*get)(void);
    int(__cdecl* call)(size_t size); /* not 0: a handler was called */
  } found = {find_function(gnu_dlls, "_ZSt15get_new_handlerv")};
  new_handler_t* const handler = found.function != NULL ? found.get() : NULL;
  if (handler != NULL) {
    handler();
    return true;
  }
  found.function = find_function(microsoft_dlls, "_callnewh");
  return found.function != NULL && found.call(size) != 0;
}

void mim_cxx_throw_bad_alloc(void) {
  FARPROC function = find_function(gnu_dlls, "_ZSt17__throw_bad_allocv");
  if (function == NULL) { function = find_function(microsoft_cxx_dlls, "?_Xbad_alloc@std@@YAXXZ"); }
  if (function != NULL) { function(); }
}

#endif
