# man.cmake - the manual pages, generated from the headers, the table of options and minject's help,
# and installed.

if(NOT MIM_PYTHON)
  message(STATUS "Manual pages: left out, because python3 is missing")
  return()
endif()

set(mim_man_pages "${PROJECT_BINARY_DIR}/man/mimalloc.3"
                  "${PROJECT_BINARY_DIR}/man/mimalloc-options.7")
file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/man")
set(mim_man_scripts "${PROJECT_SOURCE_DIR}/scripts")
add_custom_command(
  OUTPUT "${PROJECT_BINARY_DIR}/man/mimalloc.3"
  COMMAND "${MIM_PYTHON}" -B "${mim_man_scripts}/make_functions_man.py"
          --output "${PROJECT_BINARY_DIR}/man/mimalloc.3"
  DEPENDS "${mim_man_scripts}/make_functions_man.py" "${mim_man_scripts}/mdoc.py"
          "${PROJECT_SOURCE_DIR}/doc/man/mimalloc.3.in" ${mim_public_headers}
  COMMENT "Generating mimalloc.3"
  VERBATIM)
# It tells which options are read anywhere, so it depends on all sources.
file(GLOB_RECURSE mim_read_files CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/*.[ch]")
add_custom_command(
  OUTPUT "${PROJECT_BINARY_DIR}/man/mimalloc-options.7"
  COMMAND "${MIM_PYTHON}" -B "${mim_man_scripts}/make_options_doc.py"
          --man "${PROJECT_BINARY_DIR}/man/mimalloc-options.7"
  DEPENDS "${mim_man_scripts}/make_options_doc.py" "${mim_man_scripts}/mdoc.py"
          "${PROJECT_SOURCE_DIR}/src/diag/options.def" ${mim_read_files}
  COMMENT "Generating mimalloc-options.7"
  VERBATIM)
if(MIM_TOOLS)
  list(APPEND mim_man_pages "${PROJECT_BINARY_DIR}/man/minject.1")
  add_custom_command(
    OUTPUT "${PROJECT_BINARY_DIR}/man/minject.1"
    COMMAND "${MIM_PYTHON}" -B "${mim_man_scripts}/make_minject_man.py"
            --output "${PROJECT_BINARY_DIR}/man/minject.1"
    DEPENDS "${mim_man_scripts}/make_minject_man.py" "${mim_man_scripts}/mdoc.py"
            "${PROJECT_SOURCE_DIR}/doc/man/minject.1.in"
            "${PROJECT_SOURCE_DIR}/tools/minject/minject.c"
            "${PROJECT_SOURCE_DIR}/tools/minject/names.c"
    COMMENT "Generating minject.1"
    VERBATIM)
  install(FILES "${PROJECT_BINARY_DIR}/man/minject.1" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
endif()
add_custom_target(mimalloc-man ALL DEPENDS ${mim_man_pages})
if(TARGET libraries)
  add_dependencies(libraries mimalloc-man)
endif()

install(FILES "${PROJECT_BINARY_DIR}/man/mimalloc.3" DESTINATION "${CMAKE_INSTALL_MANDIR}/man3")
install(FILES "${PROJECT_BINARY_DIR}/man/mimalloc-options.7"
  DESTINATION "${CMAKE_INSTALL_MANDIR}/man7")
