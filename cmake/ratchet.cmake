# ratchet.cmake - instructions of malloc and free, counted, against the limits in the tree: a test
# of release builds that have the benchmark programs. Counts are exact, so no noise hides a loss.

set(mim_counter "${PROJECT_SOURCE_DIR}/bench/micro/instructions.py")
if(NOT MI_BUILD_TESTS OR NOT mim_lto OR NOT TARGET mimalloc OR NOT EXISTS "${mim_counter}")
  return()
endif()

find_program(MIM_VALGRIND valgrind)
if(MIM_VALGRIND)
  set(mim_ratchet_command "${MIM_PYTHON}" "${mim_counter}" $<TARGET_FILE:mimalloc>
      --build "${PROJECT_BINARY_DIR}" --check)
else()
  mim_skipped(mim_ratchet_command "valgrind is not installed")
endif()
add_test(NAME ratchet.instructions COMMAND ${mim_ratchet_command})
set_tests_properties(ratchet.instructions PROPERTIES
  LABELS ratchet TIMEOUT 180 SKIP_RETURN_CODE 77)
