# compiler.cmake - flags of the compiler.
#
# Result: two interface targets, mim_sanitize (everything links it: also tests and benchmarks)
# and mim_flags (the library's own sources); mim_lto (whether release links with LTO).
#
# Probes look at the exit code of the compiler only. CMake's own check_c_compiler_flag and
# find_package(Threads) also read warnings, so that one stray flag in CFLAGS (-fno-rtti given to
# C, say) makes all their answers "no".

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
if(NOT mim_is_wasm AND NOT CMAKE_SYSTEM_NAME STREQUAL "Linux")
  set(CMAKE_C_EXTENSIONS ON) # NetBSD, illumos and others show strict C nothing but C
endif()
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(mim_is_wasm)
  set(CMAKE_POSITION_INDEPENDENT_CODE OFF) # it is for code that is loaded later: there is none
endif()

# Sets RESULT to whether the program SOURCE compiles and links with the flags that follow it.
function(mim_try_source result source)
  if(DEFINED ${result})
    return()
  endif()
  set(dir "${CMAKE_BINARY_DIR}/CMakeFiles/mim_try/${result}")
  file(WRITE "${dir}/try.c" "${source}")
  try_compile(works "${dir}" "${dir}/try.c" COMPILE_DEFINITIONS ${ARGN} LINK_OPTIONS ${ARGN})
  set(${result} ${works} CACHE INTERNAL "")
endfunction()

# The same for a program that does nothing.
function(mim_try_flags result)
  mim_try_source(${result} "int main(void) { return 0; }\n" ${ARGN})
endfunction()

string(REPLACE "-O2" "-O3" CMAKE_C_FLAGS_RELWITHDEBINFO "${CMAKE_C_FLAGS_RELWITHDEBINFO}")

# What no port can do without. Whatever else differs is in src/base and src/prim. It is only
# compiled: a program that cannot be linked is another trouble. (1 is "sometimes lock-free": the
# kernel helps ARMv5. 0 is "never".)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
mim_try_source(mim_has_atomics "#include <stdatomic.h>
#include <stdint.h>
#if UINTPTR_MAX < UINT32_MAX || ATOMIC_POINTER_LOCK_FREE == 0 || ATOMIC_LONG_LOCK_FREE == 0
#error
#endif
static _Atomic(uintptr_t) word;
int main(void) { return (int)atomic_fetch_add_explicit(&word, 1, memory_order_relaxed); }
")
mim_try_source(mim_has_thread_local
  "static _Thread_local int own; int main(void) { return own; }\n")
unset(CMAKE_TRY_COMPILE_TARGET_TYPE)
set(mim_missing "")
if(NOT mim_has_atomics)
  list(APPEND mim_missing "lock-free atomics of C11 as wide as a pointer of 32 or 64 bits")
endif()
if(NOT mim_has_thread_local)
  list(APPEND mim_missing "thread-local variables")
endif()
if(mim_missing)
  list(JOIN mim_missing " and " mim_missing)
  message(FATAL_ERROR "this compiler (${CMAKE_C_COMPILER}) has no ${mim_missing} on "
          "${CMAKE_SYSTEM_PROCESSOR}; doc/porting.md tells what the allocator needs")
endif()

add_library(mim_sanitize INTERFACE)
if(MIM_SANITIZE)
  set(mim_sanitize_flags -fsanitize=${MIM_SANITIZE} -fno-omit-frame-pointer)
  if(MIM_SANITIZE STREQUAL "undefined")
    list(APPEND mim_sanitize_flags -fno-sanitize-recover=all)
  endif()
  mim_try_flags(mim_has_sanitize_${MIM_SANITIZE} ${mim_sanitize_flags})
  if(NOT mim_has_sanitize_${MIM_SANITIZE})
    message(FATAL_ERROR "this compiler (${CMAKE_C_COMPILER}) cannot link with "
            "-fsanitize=${MIM_SANITIZE}; install its sanitizer runtime: scripts/setup.sh build")
  endif()
  # For the whole build tree: a program that lacks the runtime cannot load the library.
  add_compile_options(${mim_sanitize_flags})
  add_link_options(${mim_sanitize_flags})
endif()

add_library(mim_flags INTERFACE)
# MI_SHARED_LIB_EXPORT: the public header's declarations become visible outside the library.
# On Windows only the DLL's own code says so.
target_compile_definitions(mim_flags INTERFACE ${mim_definitions})
if(NOT WIN32)
  target_compile_definitions(mim_flags INTERFACE MI_SHARED_LIB MI_SHARED_LIB_EXPORT)
endif()
target_include_directories(mim_flags INTERFACE
  "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/include")
include(warnings)
target_compile_options(mim_flags INTERFACE
  ${mim_warnings} -fvisibility=hidden
  -fno-builtin-malloc -fno-builtin-calloc -fno-builtin-realloc -fno-builtin-free)
# musl's dynamic linker refuses to dlopen a library with initial-exec TLS; glibc keeps room for it.
# musl has no macro of its own: it is the C library of Linux that defines none of the others'.
mim_try_source(mim_is_musl "#include <features.h>
#if !defined(__linux__) || defined(__GLIBC__) || defined(__ANDROID__) || defined(__UCLIBC__)
#error
#endif
int main(void) { return 0; }
")
option(MI_LIBC_MUSL "For musl: a TLS model with which its dlopen works" ${mim_is_musl})
if(APPLE)
  target_compile_options(mim_flags INTERFACE -femulated-tls) # by prim/emutls: its own calls malloc
elseif(WIN32)
  # The same sources make the same bytes, whenever they are linked: whoever builds the release again
  # can compare (doc/windows.md).
  mim_try_flags(mim_has_no_timestamp -Wl,--no-insert-timestamp)
  if(mim_has_no_timestamp)
    add_link_options(-Wl,--no-insert-timestamp)
  endif()
  # Data of other files is never in another DLL, so gcc need not fetch its address from a table.
  if(CMAKE_C_COMPILER_ID STREQUAL "GNU" AND CMAKE_SIZEOF_VOID_P EQUAL 8)
    target_compile_options(mim_flags INTERFACE -mcmodel=small)
  endif()
elseif(MI_LOCAL_DYNAMIC_TLS OR MI_LIBC_MUSL OR ANDROID)
  target_compile_options(mim_flags INTERFACE -ftls-model=local-dynamic)
else()
  target_compile_options(mim_flags INTERFACE -ftls-model=initial-exec)
endif()

mim_try_flags(mim_has_no_semantic_interposition -fno-semantic-interposition)
# (A DLL's own calls stay inside it anyway.)
if(mim_has_no_semantic_interposition AND CMAKE_POSITION_INDEPENDENT_CODE AND NOT WIN32)
  target_compile_options(mim_flags INTERFACE -fno-semantic-interposition)
endif()

# Messages of assertions say src/page/page.c, not where this tree lies.
mim_try_flags(mim_has_macro_prefix_map -fmacro-prefix-map=/x/=)
if(mim_has_macro_prefix_map)
  target_compile_options(mim_flags INTERFACE "-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=")
endif()

if(MI_OPT_ARCH)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
    target_compile_options(mim_flags INTERFACE -march=haswell)
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
    target_compile_options(mim_flags INTERFACE -march=armv8.1-a)
  else()
    list(APPEND mim_no_effect MI_OPT_ARCH)
  endif()
endif()

# Exceptions of a new-handler pass through the library, and profiles walk the stack, by tables that
# compilers for some machines (32-bit ARM, RISC-V) leave out of C. On 32-bit ARM they name functions
# of an unwinder: a compiler that has none cannot link them.
mim_try_source(mim_has_unwind_tables "#if defined(__arm__) && defined(__ARM_EABI__)
void __aeabi_unwind_cpp_pr0(void);
void (*volatile used)(void) = __aeabi_unwind_cpp_pr0;
#endif
int main(void) { return 0; }
" -funwind-tables)
set(mim_unwind_tables $<$<BOOL:${mim_has_unwind_tables}>:-funwind-tables>)
target_compile_options(mim_flags INTERFACE ${mim_unwind_tables})

# Since glibc 2.34 and in musl threads are part of libc; elsewhere -pthread is what works. On
# WebAssembly it makes another machine, with shared memory: whether to, CMAKE_C_FLAGS says.
set(mim_thread_flags -pthread)
if(mim_is_wasm OR WIN32)
  set(mim_thread_flags "")
endif()
target_compile_options(mim_flags INTERFACE ${mim_thread_flags})

set(mim_lto OFF)
if(MIM_LTO AND NOT mim_is_debug AND NOT MIM_SANITIZE)
  mim_try_flags(mim_has_lto -flto)
  set(mim_lto ${mim_has_lto})
endif()
set(mim_lto_flags -flto)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  mim_try_flags(mim_has_lto_auto -flto=auto)
  if(mim_has_lto_auto)
    set(mim_lto_flags -flto=auto)
  endif()
endif()

# What sees all layers at once must not make malloc a jump to mi_malloc: their code is the same.
# A fast path that straddles cache lines by bad luck costs half as much again: decision 0014.
set(mim_whole_flags "")
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  mim_try_flags(mim_has_no_ipa_icf -fno-ipa-icf)
  if(mim_has_no_ipa_icf)
    set(mim_whole_flags -fno-ipa-icf -falign-functions=64)
  endif()
endif()
list(APPEND mim_lto_flags ${mim_whole_flags})
