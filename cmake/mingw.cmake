# mingw.cmake - toolchain file: libraries and programs for Windows, made on Linux.
#
#   cmake -S . -B out/x64 -DCMAKE_TOOLCHAIN_FILE=cmake/mingw.cmake -DMIM_MACHINE=x64
#
# MIM_MACHINE    x64 (default), x86, arm64 or arm64ec
# MIM_COMPILER   gcc (default), or the name of a clang: clang-19. Both link MinGW's libraries.
# MIM_SYSROOT    for arm64 and arm64ec, of which Debian has no MinGW: what
#                test/platforms/toolchain_arm64.sh made; clang is the compiler
# MIM_LLVM       for arm64ec: a folder with the binary tools of LLVM 22
#
# The C runtime is the UCRT, part of Windows since 10: Debian's gcc links the old msvcrt.dll unless
# its specs say otherwise.
set(MIM_MACHINE x64 CACHE STRING "Processor of the Windows programs: x64, x86, arm64, arm64ec")
set(MIM_COMPILER gcc CACHE STRING "gcc, or the name of a clang")
set(MIM_SYSROOT "" CACHE PATH "MinGW's headers and libraries for arm64 and arm64ec")
set(MIM_LLVM "" CACHE PATH "Folder of ld.lld and llvm-ar for arm64ec")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES MIM_MACHINE MIM_COMPILER MIM_SYSROOT MIM_LLVM)

set(CMAKE_SYSTEM_NAME Windows)
if(MIM_MACHINE STREQUAL "x64")
  set(CMAKE_SYSTEM_PROCESSOR AMD64)
  set(mim_triple x86_64-w64-mingw32)
elseif(MIM_MACHINE STREQUAL "x86")
  set(CMAKE_SYSTEM_PROCESSOR X86)
  set(mim_triple i686-w64-mingw32)
elseif(MIM_MACHINE STREQUAL "arm64")
  set(CMAKE_SYSTEM_PROCESSOR ARM64)
  set(mim_triple aarch64-w64-mingw32)
elseif(MIM_MACHINE STREQUAL "arm64ec")
  set(CMAKE_SYSTEM_PROCESSOR ARM64EC)
  set(mim_triple arm64ec-w64-mingw32)
else()
  message(FATAL_ERROR "MIM_MACHINE has the bad value '${MIM_MACHINE}': use x64, x86, arm64 or "
          "arm64ec")
endif()

set(mim_linker -fuse-ld=lld)
if(MIM_MACHINE MATCHES "^arm64")
  if(MIM_COMPILER STREQUAL "gcc" OR NOT MIM_SYSROOT OR (MIM_MACHINE MATCHES "ec" AND NOT MIM_LLVM))
    message(FATAL_ERROR "${MIM_MACHINE} needs -DMIM_COMPILER=clang-19, -DMIM_SYSROOT=... and for "
            "arm64ec -DMIM_LLVM=...: test/platforms/toolchain_arm64.sh ${MIM_MACHINE} prints them")
  endif()
  set(CMAKE_SYSROOT "${MIM_SYSROOT}")
  if(MIM_LLVM)
    set(CMAKE_AR "${MIM_LLVM}/llvm-ar" CACHE FILEPATH "Archiver")
    set(CMAKE_RANLIB "${MIM_LLVM}/llvm-ranlib" CACHE FILEPATH "Indexer of archives")
    set(mim_linker "--ld-path=${MIM_LLVM}/ld.lld")
  else()
    set(CMAKE_AR llvm-ar-19 CACHE FILEPATH "Archiver")
    set(CMAKE_RANLIB llvm-ranlib-19 CACHE FILEPATH "Indexer of archives")
  endif()
else()
  find_program(mim_gcc ${mim_triple}-gcc)
  if(NOT mim_gcc)
    message(FATAL_ERROR "${mim_triple}-gcc is missing; install it: scripts/setup.sh windows")
  endif()
endif()
set(mim_specs "${CMAKE_BINARY_DIR}/ucrt.specs")
if(MIM_COMPILER STREQUAL "gcc" AND NOT EXISTS "${mim_specs}")
  execute_process(COMMAND "${mim_gcc}" -dumpspecs OUTPUT_VARIABLE mim_specs_text)
  string(REPLACE "-lmsvcrt " "-lucrt " mim_specs_text "${mim_specs_text}")
  file(WRITE "${mim_specs}" "${mim_specs_text}")
endif()

if(MIM_COMPILER STREQUAL "gcc")
  set(CMAKE_C_COMPILER "${mim_gcc}")
  set(CMAKE_C_FLAGS_INIT "-specs=${mim_specs} -D_UCRT")
  find_program(mim_gxx ${mim_triple}-g++)
  if(mim_gxx)
    set(CMAKE_CXX_COMPILER "${mim_gxx}")
    set(CMAKE_CXX_FLAGS_INIT "-specs=${mim_specs} -D_UCRT")
  else()
    set(CMAKE_CXX_COMPILER "")
  endif()
else()
  set(CMAKE_CXX_COMPILER "")
  set(CMAKE_C_COMPILER "${MIM_COMPILER}")
  set(CMAKE_C_COMPILER_TARGET ${mim_triple})
  set(CMAKE_C_FLAGS_INIT "-D_UCRT")
  # clang has no specs: it takes the runtime that is named. It has to be named behind what may
  # have a malloc of its own.
  set(CMAKE_EXE_LINKER_FLAGS_INIT "${mim_linker}")
  set(CMAKE_SHARED_LINKER_FLAGS_INIT "${mim_linker}")
  set(CMAKE_C_STANDARD_LIBRARIES "-lucrt -lkernel32" CACHE STRING "Libraries of every program")
endif()
find_program(CMAKE_RC_COMPILER ${mim_triple}-windres)
set(CMAKE_FIND_ROOT_PATH /usr/${mim_triple})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
