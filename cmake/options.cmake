# options.cmake - every option a user can pass, and the macros that the sources see for it.
#
# Result: mim_definitions (macros of the library's sources), mim_no_effect (options that were
# set but mean nothing for this target, named in the summary), mim_library_name, mim_is_wasm.

# -- Core
set(MI_SECURE ${mim_secure_default} CACHE STRING
    "Checked build: OFF, ON (= 4), or a level 1 to 4; FULL is MI_SECURE_FULL")
option(MI_SECURE_FULL "Every protection there is: guard pages, canaries, quarantine" OFF)
# Emscripten frees memory of its threads behind malloc's back: see doc/porting.md.
set(mim_overrides ON)
if(CMAKE_SYSTEM_NAME STREQUAL "Emscripten")
  set(mim_overrides OFF)
endif()
option(MI_OVERRIDE "Define malloc, free, new, delete and their kin" ${mim_overrides})
option(MI_XMALLOC "Abort the program when memory runs out" OFF)
option(MI_SHOW_ERRORS "Show error messages by default" OFF)
option(MI_GUARDED "Guard one block in 4000 by default" OFF)
option(MI_OPT_ARCH "Use instructions that not every CPU of this architecture has" OFF)
option(MI_OPT_SIMD "Use SIMD where it is faster" OFF)

# -- Debugging
option(MI_DEBUG "Cheap assertions and fill patterns" OFF)
option(MI_DEBUG_INTERNAL "Assertions between layers" OFF)
option(MI_DEBUG_FULL "All assertions, the walks over whole structures included" OFF)
option(MI_NO_DEBUG "No assertions even in a Debug build" OFF)
option(MI_PADDING "Padding behind each block finds overflows" OFF)
option(MI_NO_PADDING "No padding even in a Debug build" OFF)
option(MI_DEBUG_TSAN "Build with ThreadSanitizer" OFF)
option(MI_DEBUG_UBSAN "Build with UndefinedBehaviorSanitizer" OFF)
option(MI_TRACK_VALGRIND "Tell Valgrind about blocks" OFF)
option(MI_TRACK_ASAN "Build with AddressSanitizer and tell it about blocks" OFF)

# -- What is built
option(MI_BUILD_SHARED "Build the shared library" ON)
option(MI_BUILD_STATIC "Build the static library" ON)
option(MI_BUILD_OBJECT "Build the single object file" ON)
option(MI_BUILD_TESTS "Build the tests" ${mim_is_top_level})
option(MI_BUILD_BENCH "Build the benchmark programs" OFF)

# -- Other
option(MI_LOCAL_DYNAMIC_TLS "A TLS model that costs time but always allows dlopen" OFF)
option(MI_NO_THP "Never use transparent huge pages" OFF)
option(MI_SKIP_COLLECT_ON_EXIT "Do not free memory when the process ends" OFF)
set(MI_EXTRA_CPPDEFS "" CACHE STRING "Further macros for the library: A=1;B=2")

# -- This project's own
set(MIM_SANITIZE "" CACHE STRING "Build everything with a sanitizer: address, undefined or thread")
option(MIM_LTO "Link-time optimization in release builds" ON)
option(MIM_SINGLE_FILE "Build the libraries from the generated single file" OFF)
option(MIM_TOOLS "Build the programs of tools/, and what redirects malloc on Windows"
       ${MI_BUILD_TESTS})
option(MIM_WERROR "Treat warnings in the library's own sources as errors" OFF)

# -- macOS
if(CMAKE_SYSTEM_NAME STREQUAL "Darwin")
  option(MI_OSX_INTERPOSE "Take malloc's place by interposing (a dylib)" ON)
  option(MI_OSX_ZONE "Take malloc's place as the first malloc zone" ON)
endif()

# -- Accepted, because scripts pass them, where they mean something only elsewhere or nothing now
set(mim_foreign_options
    MI_USE_CXX MI_NO_USE_CXX MI_NO_OPT_ARCH MI_TRACK_ETW MI_WIN_DIRECT_TLS)
set(mim_macos_options MI_OSX_INTERPOSE MI_OSX_ZONE)
if(NOT CMAKE_SYSTEM_NAME STREQUAL "Darwin")
  list(APPEND mim_foreign_options ${mim_macos_options})
endif()
if(WIN32)
  option(MI_WIN_REDIRECT "The DLL redirects the C runtime, by its companion DLL" ON)
else()
  list(APPEND mim_foreign_options MI_WIN_REDIRECT)
endif()
set(mim_no_effect "")
foreach(name IN LISTS mim_foreign_options)
  option(${name} "Accepted, without effect on this system" OFF)
  if(${name})
    list(APPEND mim_no_effect ${name})
  endif()
endforeach()
set(mim_is_wasm OFF)
if(CMAKE_SYSTEM_NAME MATCHES "^(WASI|Emscripten)$")
  set(mim_is_wasm ON)
  if(MI_BUILD_SHARED)
    list(APPEND mim_no_effect "MI_BUILD_SHARED (WebAssembly programs are linked statically)")
    set(MI_BUILD_SHARED OFF)
  endif()
endif()
if(MI_NO_OPT_ARCH)
  set(MI_OPT_ARCH OFF)
endif()
# A folder of its own for each version is what made headers and .pc file of others disagree.
option(MI_INSTALL_TOPLEVEL "Install directly into lib/ and include/: always so" ON)
if(NOT MI_INSTALL_TOPLEVEL)
  list(APPEND mim_no_effect "MI_INSTALL_TOPLEVEL=OFF (lib/ and include/ are always used)")
endif()

# -- Accepted: the sources do not read them yet. An option leaves this list when they do.
foreach(name MI_OPT_SIMD MI_PADDING MI_NO_PADDING MI_TRACK_VALGRIND
             MI_SKIP_COLLECT_ON_EXIT)
  if(${name})
    list(APPEND mim_no_effect ${name})
  endif()
endforeach()

# -- The level of checking
string(TOUPPER "${MI_SECURE}" mim_secure_text)
if(mim_secure_text STREQUAL "FULL")
  set(MI_SECURE_FULL ON)
  set(mim_secure 4)
elseif(mim_secure_text MATCHES "^[0-4]$")
  set(mim_secure ${mim_secure_text})
elseif(mim_secure_text MATCHES "^(ON|TRUE|YES|Y)$" OR MI_SECURE_FULL)
  set(mim_secure 4)
elseif(mim_secure_text MATCHES "^(OFF|FALSE|NO|N|)$")
  set(mim_secure 0)
else()
  message(FATAL_ERROR "MI_SECURE has the bad value '${MI_SECURE}': use OFF, ON, FULL or 0 to 4")
endif()

if(MI_SECURE_FULL)
  list(APPEND mim_no_effect "MI_SECURE_FULL (beyond MI_SECURE=${mim_secure})")
endif()

# -- Sanitizers
if(MI_TRACK_ASAN)
  set(MIM_SANITIZE address)
elseif(MI_DEBUG_TSAN)
  set(MIM_SANITIZE thread)
elseif(MI_DEBUG_UBSAN)
  set(MIM_SANITIZE undefined)
endif()
if(NOT MIM_SANITIZE MATCHES "^(address|undefined|thread|)$")
  message(FATAL_ERROR
          "MIM_SANITIZE has the bad value '${MIM_SANITIZE}': use address, undefined or thread")
endif()
# ASan and TSan replace malloc themselves: two replacements in one program are none.
set(mim_override ${MI_OVERRIDE})
if(MIM_SANITIZE MATCHES "address|thread")
  set(mim_override OFF)
endif()

# -- The build type decides what is not said
string(TOLOWER "${CMAKE_BUILD_TYPE}" mim_build_type)
set(mim_is_debug OFF)
if(mim_build_type STREQUAL "debug")
  set(mim_is_debug ON)
endif()

if(MI_NO_DEBUG)
  set(mim_assert_level 0)
elseif(MI_DEBUG_FULL OR mim_is_debug)
  set(mim_assert_level 2)
elseif(MI_DEBUG_INTERNAL OR MI_DEBUG)
  set(mim_assert_level 1)
else()
  set(mim_assert_level 0)
endif()

if(MI_DEBUG_FULL)
  set(mim_debug 3)
elseif(MI_DEBUG_INTERNAL)
  set(mim_debug 2)
elseif(MI_NO_DEBUG)
  set(mim_debug 0)
elseif(MI_DEBUG OR mim_is_debug)
  set(mim_debug 1)
else()
  set(mim_debug 0)
endif()

set(mim_definitions MIM_ASSERT_LEVEL=${mim_assert_level} MI_DEBUG=${mim_debug}
                    MI_SECURE=${mim_secure})
foreach(name MI_SECURE_FULL MI_XMALLOC MI_SHOW_ERRORS MI_GUARDED MI_OPT_SIMD MI_TRACK_VALGRIND
             MI_TRACK_ASAN MI_NO_THP MI_SKIP_COLLECT_ON_EXIT MI_LOCAL_DYNAMIC_TLS)
  if(${name})
    list(APPEND mim_definitions ${name}=1)
  endif()
endforeach()
if(mim_override)
  list(APPEND mim_definitions MI_OVERRIDE=1)
else()
  list(APPEND mim_definitions MI_OVERRIDE=0)
endif()
if(MI_NO_PADDING)
  list(APPEND mim_definitions MI_PADDING=0)
elseif(MI_PADDING)
  list(APPEND mim_definitions MI_PADDING=1)
endif()
if(CMAKE_SYSTEM_NAME STREQUAL "Darwin")
  foreach(name IN LISTS mim_macos_options)
    list(APPEND mim_definitions ${name}=$<BOOL:${${name}}>)
  endforeach()
endif()
list(APPEND mim_definitions ${MI_EXTRA_CPPDEFS})

# -- mimalloc[-secure][-valgrind][-asan][-<buildtype unless release-like>]
set(mim_library_name mimalloc)
if(mim_secure GREATER 0)
  string(APPEND mim_library_name "-secure")
endif()
if(MI_TRACK_VALGRIND)
  string(APPEND mim_library_name "-valgrind")
endif()
if(MI_TRACK_ASAN)
  string(APPEND mim_library_name "-asan")
endif()
if(mim_build_type AND NOT mim_build_type MATCHES "^(release|relwithdebinfo|minsizerel|none)$")
  string(APPEND mim_library_name "-${mim_build_type}")
endif()
