# other_unixes.cmake - what macOS, the BSDs and others use of src/prim, run on Linux: mappings by
# prim/mmap, and thread-local variables by prim/emutls.
if(NOT CMAKE_SYSTEM_NAME STREQUAL "Linux" OR MIM_SANITIZE)
  return()
endif()

mim_objects_up_to(objects base OFF)
foreach(overcommits 0 1)
  set(target platforms_mmap_${overcommits})
  add_executable(${target} test_mmap.c "${PROJECT_SOURCE_DIR}/src/prim/mmap/memory.c"
    "${PROJECT_SOURCE_DIR}/src/prim/none/numa.c" "${PROJECT_SOURCE_DIR}/src/prim/none/pages.c"
    ${objects})
  target_link_libraries(${target} PRIVATE mim_test_flags)
  target_compile_definitions(${target} PRIVATE _GNU_SOURCE MIM_TEST_OVERCOMMITS=${overcommits})
  add_test(NAME platforms.mmap_${overcommits} COMMAND ${target})
  set_tests_properties(platforms.mmap_${overcommits} PROPERTIES
    LABELS platforms TIMEOUT 60 SKIP_RETURN_CODE 77)
endforeach()

# Adds the test platforms.NAME: the sources that follow, compiled with emulated thread-local
# variables, and run with ARGUMENTS.
function(mim_add_emulated_tls_test name arguments)
  mim_skipped(command "clang is not installed")
  if(MIM_CLANG)
    set(program "${CMAKE_CURRENT_BINARY_DIR}/${name}")
    set(sources ${ARGN} "${PROJECT_SOURCE_DIR}/src/prim/emutls/emutls.c")
    add_custom_command(OUTPUT "${program}"
      COMMAND "${MIM_CLANG}" -std=gnu11 -O1 -g -femulated-tls -D_GNU_SOURCE -DMI_OVERRIDE=1
              -DMIM_ASSERT_LEVEL=2
              "-I${PROJECT_SOURCE_DIR}" "-I${PROJECT_SOURCE_DIR}/src"
              "-I${PROJECT_SOURCE_DIR}/include" "-I${PROJECT_SOURCE_DIR}/test/stress"
              ${sources} -pthread -o "${program}"
      DEPENDS ${sources} VERBATIM)
    add_custom_target(platforms_${name} ALL DEPENDS "${program}")
    set(command "${program}" ${arguments})
  endif()
  add_test(NAME platforms.${name} COMMAND ${command})
  set_tests_properties(platforms.${name} PROPERTIES
    LABELS platforms TIMEOUT 120 SKIP_RETURN_CODE 77)
endfunction()

if(CMAKE_CROSSCOMPILING_EMULATOR)
  return()
endif()
find_program(MIM_CLANG clang)
mim_add_emulated_tls_test(emulated_tls "" "${CMAKE_CURRENT_SOURCE_DIR}/test_emutls.c"
  "${PROJECT_SOURCE_DIR}/src/prim/unix/process.c")
mim_add_emulated_tls_test(emulated_tls_mixed "--rounds;2;--ops;3000" "${mim_single_file}"
  "${PROJECT_SOURCE_DIR}/test/stress/stress_mixed.c")
mim_add_emulated_tls_test(emulated_tls_late "--rounds;10" "${mim_single_file}"
  "${PROJECT_SOURCE_DIR}/test/stress/stress_late_threads.c")
