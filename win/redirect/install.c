/* install.c - the one function of the companion DLL: redirects the C runtimes of this process.
 *
 * For each runtime everything is planned first, and nothing is written if a function of it cannot
 * be redirected: half of a runtime would hand out memory that the other half does not know.
 *
 * What is loaded with the program calls the runtime through its import tables: they lead to ours
 * then, which saves two jumps a call.  Whoever comes later goes through the function.
 *
 * A function of ARM64EC has two ways in (hybrid.h), which are two changes. What it was before is
 * the ARM64 code behind both. */
#include <string.h>

#include "api/redirect.h"
#include "redirect/modules.h"
#include "redirect/patch.h"
#include "redirect/runtime.h"
#include "redirect/threads.h"

enum { CHANGES_MAX = 128, NAME_MAX_SIZE = 64, FOLLOW_MAX = 8 };

static const struct {
  const char* name;
  bool is_on_request;
} runtimes[] = {{"ucrtbase.dll", false}, {"ucrtbased.dll", false}, {"msvcrt.dll", true}};
enum { RUNTIMES = sizeof(runtimes) / sizeof(runtimes[0]) };
_Static_assert(RUNTIMES* MIM_REDIRECT_FORMS <= MIM_REDIRECT_PLACES, "each has its places");

typedef struct change {
  const mim_redirect_function_t* wanted;
  size_t place;
  char name[NAME_MAX_SIZE];
  redirect_function_t function;
  uint64_t entry; /* where it was found: `function` may be another one, to which that leads */
  uint64_t original;
  threads_range_t range;     /* what is written */
  const struct change* same; /* another name of a function that is changed already, or NULL */
} change_t;

typedef struct install {
  const mim_redirect_request_t* request;
  runtime_t runtime;
  size_t count;
  change_t changes[CHANGES_MAX];
  uint64_t islands[REDIRECT_MACHINES]; /* x64 and ARM64 code cannot share pages */
  const char* why;
} install_t;

static bool refuse(install_t* install, const char* function, const char* why) {
  install->why = why;
  install->request->tell(install->runtime.name, function, why);
  return false;
}

/* ---- finding ---- */

/* `malloc`, `_malloc_base`, `_o_malloc`, `_malloc_dbg`: of a name that begins with _ no second. */
static void form_name(const char* name, size_t form, char* text) {
  static const char* const before[] = {"", "_", "_o_", "_"};
  static const char* const behind[] = {"", "_base", "", "_dbg"};
  const char* const prefix = name[0] == '_' && strcmp(before[form], "_") == 0 ? "" : before[form];
  text[0] = 0;
  strncat(text, prefix, NAME_MAX_SIZE - 1);
  strncat(text, name, NAME_MAX_SIZE - 16);
  strncat(text, behind[form], NAME_MAX_SIZE - 1 - strlen(text));
}

/* An earlier change of the very function that this one has come to. */
static const change_t* find_same(const install_t* install, const change_t* change) {
  for (const change_t* other = install->changes; other < change; other++) {
    if (other->same == NULL && other->function.address == change->function.address) {
      return other;
    }
  }
  return NULL;
}

static bool add_change(install_t* install, const mim_redirect_function_t* wanted, size_t place,
                       const char* name, uint64_t address) {
  if (install->count == CHANGES_MAX) { return refuse(install, name, "there are too many"); }
  change_t* const change = &install->changes[install->count];
  *change = (change_t){.wanted = wanted, .place = place, .entry = address};
  strcpy(change->name, name);
  if (!runtime_describe(&install->runtime, address, &change->function)) {
    return refuse(install, name, "it lies outside of the runtime: something else has changed it");
  }
  install->count++;
  return true;
}

/* An exported function, or both ways into it. */
static bool add_export(install_t* install, const mim_redirect_function_t* wanted, size_t place,
                       const char* name, uint64_t address) {
  uint64_t body;
  if (!add_change(install, wanted, place, name, address)) { return false; }
  const redirect_function_t* const found = &install->changes[install->count - 1].function;
  if (install->runtime.hybrid.metadata == NULL || found->machine != REDIRECT_X64) { return true; }
  if (!redirect_find_body(found, &body)) {
    return refuse(install, name, "its ARM64 code is not found: something else has changed it");
  }
  return add_change(install, wanted, place, name, body);
}

static bool find_functions(install_t* install, size_t runtime_index) {
  for (size_t i = 0; i < install->request->count; i++) {
    const mim_redirect_function_t* const wanted = &install->request->functions[i];
    for (size_t form = 0; form < MIM_REDIRECT_FORMS; form++) {
      char name[NAME_MAX_SIZE];
      form_name(wanted->name, form, name);
      const uint8_t* const found = runtime_function(&install->runtime, name);
      const size_t place = runtime_index * MIM_REDIRECT_FORMS + form;
      if (found != NULL && !add_export(install, wanted, place, name, (uint64_t)(uintptr_t)found)) {
        return false;
      }
    }
  }
  return install->count > 0 || refuse(install, "malloc", "it has no such function");
}

/* ---- planning ---- */

static uint64_t island_of(const install_t* install, const change_t* change) {
  return install->islands[change->function.machine] +
         (uint64_t)(change - install->changes) * REDIRECT_ISLAND_SIZE;
}

/* ARM64 code must jump to ARM64 code: not to the thunk of a function of ours. */
static uint64_t code_of(mim_redirect_code_t* ours) {
  const uint64_t address = (uint64_t)(uintptr_t)ours;
  const redirect_function_t function = {.machine = REDIRECT_X64,
                                        .address = address,
                                        .code = (const uint8_t*)(uintptr_t)address,
                                        .code_size = REDIRECT_THUNK_SIZE};
  uint64_t body;
  return redirect_find_body(&function, &body) ? body : address;
}

/* A function that only jumps is another name for where it jumps to. */
static redirect_status_t plan_change(install_t* install, change_t* change, redirect_plan_t* plan) {
  const uint64_t target = code_of(change->wanted->replacements[change->place]);
  for (int follows = 0; follows < FOLLOW_MAX; follows++) {
    change->same = find_same(install, change);
    if (change->same != NULL) { return REDIRECT_OK; }
    const redirect_status_t status =
      redirect_plan(&change->function, target, island_of(install, change), plan);
    if (status != REDIRECT_FOLLOW) { return status; }
    if (!runtime_describe(&install->runtime, plan->follow, &change->function)) {
      return REDIRECT_UNKNOWN;
    }
  }
  return REDIRECT_UNKNOWN;
}

static bool is_planned(install_t* install, change_t* change, redirect_plan_t* plan) {
  const redirect_status_t status = plan_change(install, change, plan);
  return status == REDIRECT_OK || refuse(install, change->name, redirect_status_text(status));
}

static bool islands_seal(const install_t* install) {
  for (size_t i = 0; i < REDIRECT_MACHINES; i++) {
    if (install->islands[i] != 0 && !patch_islands_seal(install->islands[i], install->count)) {
      return false;
    }
  }
  return true;
}

static void islands_delete(const install_t* install) {
  for (size_t i = 0; i < REDIRECT_MACHINES; i++) {
    if (install->islands[i] != 0) { patch_islands_delete(install->islands[i]); }
  }
}

static bool plan_all(install_t* install) {
  redirect_plan_t plan;
  for (size_t i = 0; i < install->count; i++) {
    change_t* const change = &install->changes[i];
    if (!is_planned(install, change, &plan)) { return false; }
    if (change->same != NULL) { continue; }
    change->original = plan.original;
    change->range = (threads_range_t){plan.patch_address, plan.patch_size};
    patch_write_island(island_of(install, change), &plan);
  }
  return islands_seal(install) ||
         refuse(install, "malloc", "this process may not make code (arbitrary code guard)");
}

/* ---- writing ---- */

static void tell_originals(const install_t* install) {
  for (size_t i = 0; i < install->count; i++) {
    const change_t* const change = &install->changes[i];
    const change_t* const changed = change->same != NULL ? change->same : change;
    if (change->wanted->originals == NULL) { continue; }
    change->wanted->originals[change->place] = (mim_redirect_code_t*)(uintptr_t)changed->original;
  }
}

/* Planned once more, against what is there now: nothing has changed since.  Functions that take
 * pointers come first in the request: from the first block of ours on, all of them know it. */
static size_t write_all(install_t* install) {
  redirect_plan_t plan;
  size_t written = 0;
  for (; written < install->count; written++) {
    change_t* const change = &install->changes[written];
    if (change->same != NULL) { continue; }
    if (plan_change(install, change, &plan) != REDIRECT_OK || !patch_write(&plan)) { break; }
  }
  return written;
}

/* A DLL that is loaded with the program is there before all other threads. */
static bool stop_threads(install_t* install) {
  static threads_range_t ranges[CHANGES_MAX];
  for (size_t i = 0; i < install->count; i++) { ranges[i] = install->changes[i].range; }
  return !install->request->is_late || threads_stop(ranges, install->count) ||
         refuse(install, "malloc", "the process has threads that cannot be stopped meanwhile");
}

static size_t write_and_tell(install_t* install) {
  tell_originals(install);
  const size_t written = write_all(install);
  if (install->request->is_late) { threads_resume(); }
  for (size_t i = 0; i < written; i++) {
    install->request->tell(install->runtime.name, install->changes[i].name, NULL);
  }
  if (written < install->count) {
    refuse(install, install->changes[written].name, "its memory cannot be changed");
  }
  return written;
}

static uint64_t ours_for(const void* arg, uint64_t address) {
  const install_t* const install = arg;
  for (size_t i = 0; i < install->count; i++) {
    const change_t* const change = &install->changes[i];
    if (change->entry == address) {
      return (uint64_t)(uintptr_t)change->wanted->replacements[change->place];
    }
  }
  return 0;
}

/* Only while nobody else runs or loads; and of code for one processor, whose tables are plain. */
static void lead_imports(const install_t* install) {
  if (install->request->is_late || install->runtime.hybrid.metadata != NULL) { return; }
  modules_lead_imports(install->runtime.base, &ours_for, install);
}

static uint64_t end_of_functions(const install_t* install, uint64_t* start) {
  uint64_t end = 0;
  *start = UINT64_MAX;
  for (size_t i = 0; i < install->count; i++) {
    const uint64_t address = install->changes[i].function.address;
    if (address < *start) { *start = address; }
    if (address > end) { end = address; }
  }
  return end;
}

/* For each machine that there are functions of. */
static bool get_islands(install_t* install) {
  uint64_t start;
  const uint64_t end = end_of_functions(install, &start);
  for (size_t i = 0; i < install->count; i++) {
    const redirect_machine_t machine = install->changes[i].function.machine;
    uint64_t* const islands = &install->islands[machine];
    if (*islands == 0) { *islands = patch_islands_new(start, end, machine, install->count); }
    if (*islands == 0) { return refuse(install, "malloc", redirect_status_text(REDIRECT_TOO_FAR)); }
  }
  return true;
}

static size_t install_runtime(install_t* install, size_t runtime_index) {
  if (!runtime_is_served(&install->runtime)) {
    refuse(install, "malloc",
           "it is ARM64EC code: take mimalloc.dll and mimalloc-redirect-arm64ec.dll for ARM64EC");
    return 0;
  }
  if (!find_functions(install, runtime_index)) { return 0; }
  if (!get_islands(install) || !plan_all(install) || !stop_threads(install)) {
    islands_delete(install);
    return 0;
  }
  const size_t written = write_and_tell(install);
  if (written == install->count) { lead_imports(install); }
  return written;
}

__declspec(dllexport) mim_redirect_install_t mim_redirect_install;

/* Called once, while the loader lets nobody else in: the memory is static, so that no stack is too
 * small and nothing is allocated. */
size_t mim_redirect_install(const mim_redirect_request_t* request, const char** why) {
  static install_t install;
  size_t written = 0;
  *why = "the process has no C runtime that is redirected (ucrtbase.dll, ucrtbased.dll)";
  if (request->version != MIM_REDIRECT_VERSION) {
    *why = "mimalloc.dll and the redirection DLL are of different versions";
    return 0;
  }
  for (size_t i = 0; i < RUNTIMES; i++) {
    if (runtimes[i].is_on_request && !request->with_msvcrt) { continue; }
    memset(&install, 0, sizeof(install));
    install.request = request;
    install.runtime = runtime_find(runtimes[i].name);
    if (install.runtime.base == NULL) { continue; }
    written += install_runtime(&install, i);
    if (install.why != NULL) { *why = install.why; }
  }
  return written;
}
