# lint.cmake - checks of the sources themselves, as tests with the label lint.

set(mim_scripts "${PROJECT_SOURCE_DIR}/scripts")

function(mim_add_lint name timeout)
  add_test(NAME lint.${name} COMMAND ${ARGN} WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
  set_tests_properties(lint.${name} PROPERTIES LABELS lint TIMEOUT ${timeout} SKIP_RETURN_CODE 77)
endfunction()

add_test(NAME lint.layers COMMAND "${MIM_PYTHON}" "${mim_scripts}/check_layers.py"
         "${PROJECT_SOURCE_DIR}/src" ${mim_objects} COMMAND_EXPAND_LISTS)
set_tests_properties(lint.layers PROPERTIES LABELS lint TIMEOUT 60)

mim_add_lint(sources 60 "${MIM_PYTHON}" "${mim_scripts}/check_sources.py")
mim_add_lint(platform_table 30 "${MIM_PYTHON}" "${mim_scripts}/make_platform_table.py" --check)
mim_add_lint(function_lengths 60 "${MIM_PYTHON}" "${mim_scripts}/longest_functions.py"
             --check src tools win)
mim_add_lint(cpu_relax 300 "${MIM_PYTHON}"
             "${PROJECT_SOURCE_DIR}/test/platforms/check_cpu_relax.py")
mim_add_lint(ports 300 "${MIM_PYTHON}" "${PROJECT_SOURCE_DIR}/test/platforms/check_ports.py")
mim_add_lint(msvc 300 "${MIM_PYTHON}" "${PROJECT_SOURCE_DIR}/test/platforms/check_msvc.py")
mim_add_lint(format 120 "${MIM_PYTHON}" "${mim_scripts}/run_clang_format.py" --check)
mim_add_lint(tidy 600 "${MIM_PYTHON}" "${mim_scripts}/run_clang_tidy.py" "${PROJECT_BINARY_DIR}")
mim_add_lint(warnings 300 "${MIM_PYTHON}" "${mim_scripts}/check_warnings.py"
             "${PROJECT_BINARY_DIR}")
mim_add_lint(warnings_tools 300 "${MIM_PYTHON}" "${mim_scripts}/check_warnings.py"
             "${PROJECT_BINARY_DIR}" "${PROJECT_SOURCE_DIR}/tools")
mim_add_lint(warnings_win 300 "${MIM_PYTHON}" "${mim_scripts}/check_warnings.py"
             "${PROJECT_BINARY_DIR}" "${PROJECT_SOURCE_DIR}/win")
mim_add_lint(html_doc 120 "${MIM_PYTHON}" "${mim_scripts}/make_html_doc.py"
             "${PROJECT_BINARY_DIR}/doc")
set_tests_properties(lint.tidy lint.warnings lint.warnings_tools lint.ports lint.msvc
  PROPERTIES PROCESSORS 2)

if(TARGET mimalloc-man)
  find_program(MIM_MANDOC mandoc)
  set(mim_man_check "${MIM_MANDOC}" -Tlint -Wwarning ${mim_man_pages})
  if(NOT MIM_MANDOC)
    mim_skipped(mim_man_check "mandoc is not installed")
  endif()
  mim_add_lint(man 30 ${mim_man_check})
endif()
