# vcpkg_shim.cmake - runs a portfile without vcpkg: the few functions it calls, as vcpkg documents
# them, with a real configure, build and install of both configurations.
#
# usage: cmake -DPORT_DIR=... -DWORK=... -DVCPKG_LIBRARY_LINKAGE=static|dynamic -DFEATURES="a;b"
#              [-DVCPKG_BUILD_TYPE=release] -P vcpkg_shim.cmake
# Result: WORK/packages, as vcpkg would have it.

cmake_minimum_required(VERSION 3.18)
set(CURRENT_PORT_DIR "${PORT_DIR}")
set(CURRENT_PACKAGES_DIR "${WORK}/packages")
get_filename_component(PORT "${PORT_DIR}" NAME)

# Build folder, build type and installed prefix of each configuration.
set(shim_configurations "rel;Release;${CURRENT_PACKAGES_DIR}")
if(NOT VCPKG_BUILD_TYPE STREQUAL "release")
  list(APPEND shim_configurations "dbg;Debug;${CURRENT_PACKAGES_DIR}/debug")
endif()

function(shim_run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(code)
    message(FATAL_ERROR "${ARGN}: ${text}")
  endif()
  if(text MATCHES "[Ww]arning|not used by the project")
    message(FATAL_ERROR "${ARGN} warns: ${text}")
  endif()
endfunction()

function(vcpkg_check_features)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "OUT_FEATURE_OPTIONS" "FEATURES")
  set(options "")
  while(arg_FEATURES)
    list(POP_FRONT arg_FEATURES feature variable)
    if(feature IN_LIST FEATURES)
      list(APPEND options "-D${variable}=ON")
    else()
      list(APPEND options "-D${variable}=OFF")
    endif()
  endwhile()
  set(${arg_OUT_FEATURE_OPTIONS} ${options} PARENT_SCOPE)
endfunction()

function(vcpkg_cmake_configure)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "SOURCE_PATH" "OPTIONS")
  set(rest ${shim_configurations})
  while(rest)
    list(POP_FRONT rest folder type prefix)
    shim_run("${CMAKE_COMMAND}" -S "${arg_SOURCE_PATH}" -B "${WORK}/${folder}"
             -DCMAKE_BUILD_TYPE=${type} "-DCMAKE_INSTALL_PREFIX=${prefix}" ${arg_OPTIONS})
  endwhile()
endfunction()

function(vcpkg_cmake_install)
  set(rest ${shim_configurations})
  while(rest)
    list(POP_FRONT rest folder type prefix)
    shim_run("${CMAKE_COMMAND}" --build "${WORK}/${folder}" -j 2 --target install)
  endwhile()
endfunction()

# The documented steps: the package goes to share/, debug targets join it, prefixes follow.
function(vcpkg_cmake_config_fixup)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "PACKAGE_NAME;CONFIG_PATH" "")
  set(share "${CURRENT_PACKAGES_DIR}/share/${PORT}")
  file(GLOB files "${CURRENT_PACKAGES_DIR}/${arg_CONFIG_PATH}/*")
  file(GLOB debug_files "${CURRENT_PACKAGES_DIR}/debug/${arg_CONFIG_PATH}/*-targets-debug.cmake")
  list(LENGTH debug_files debug_count)
  list(LENGTH shim_configurations expected)
  math(EXPR expected "${expected} / 3 - 1")
  if(NOT files OR NOT debug_count EQUAL expected)
    message(FATAL_ERROR "there is no CMake package in ${arg_CONFIG_PATH}")
  endif()
  file(COPY ${files} ${debug_files} DESTINATION "${share}")
  foreach(prefix "${CURRENT_PACKAGES_DIR}" "${CURRENT_PACKAGES_DIR}/debug")
    get_filename_component(parent "${prefix}/${arg_CONFIG_PATH}" DIRECTORY)
    file(REMOVE_RECURSE "${parent}")
  endforeach()
  file(GLOB files "${share}/*.cmake")
  foreach(file IN LISTS files)
    file(READ "${file}" text)
    string(REPLACE "\${CMAKE_CURRENT_LIST_DIR}/../../../" "\${CMAKE_CURRENT_LIST_DIR}/../../"
           text "${text}")
    string(REGEX REPLACE
           "(get_filename_component\\(_IMPORT_PREFIX \"\\\${_IMPORT_PREFIX}\" PATH\\)\n)+"
           "get_filename_component(_IMPORT_PREFIX \"\${CMAKE_CURRENT_LIST_DIR}/../..\" ABSOLUTE)\n"
           text "${text}")
    if(file MATCHES "-debug\\.cmake$")
      string(REPLACE "{_IMPORT_PREFIX}/lib" "{_IMPORT_PREFIX}/debug/lib" text "${text}")
    endif()
    file(WRITE "${file}" "${text}")
  endforeach()
endfunction()

function(vcpkg_fixup_pkgconfig)
  set(rest ${shim_configurations})
  while(rest)
    list(POP_FRONT rest folder type prefix)
    if(NOT EXISTS "${prefix}/lib/pkgconfig/mimalloc.pc")
      message(FATAL_ERROR "there is no ${prefix}/lib/pkgconfig/mimalloc.pc")
    endif()
  endwhile()
endfunction()

function(vcpkg_install_copyright)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "" "FILE_LIST")
  configure_file("${arg_FILE_LIST}" "${CURRENT_PACKAGES_DIR}/share/${PORT}/copyright" COPYONLY)
endfunction()

include("${PORT_DIR}/portfile.cmake")
