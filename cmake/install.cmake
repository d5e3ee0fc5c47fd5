# install.cmake - libraries, headers, pkg-config file and CMake package.
#
# Everything lies where compilers look without further flags (include/, lib/), and the .pc and
# the CMake package are made from the same variables, so they cannot disagree.

include(CMakePackageConfigHelpers)

set(mim_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/mimalloc")

install(TARGETS ${mim_installed_targets} EXPORT mimalloc-targets
  RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}"
  LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(EXPORT mimalloc-targets DESTINATION "${mim_package_dir}" FILE mimalloc-targets.cmake)

if(MI_BUILD_OBJECT)
  install(FILES "${mim_object_file}" DESTINATION "${CMAKE_INSTALL_LIBDIR}")
endif()

file(GLOB mim_public_headers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/include/*.h")
install(FILES ${mim_public_headers} DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/mimalloc-config.cmake.in"
  "${PROJECT_BINARY_DIR}/mimalloc-config.cmake"
  INSTALL_DESTINATION "${mim_package_dir}"
  PATH_VARS CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/mimalloc-config-version.cmake"
  COMPATIBILITY SameMajorVersion)
install(FILES "${PROJECT_BINARY_DIR}/mimalloc-config.cmake"
              "${PROJECT_BINARY_DIR}/mimalloc-config-version.cmake"
  DESTINATION "${mim_package_dir}")

# Absolute folders (Debian, Nix) stay as they are; relative ones hang on ${prefix}.
foreach(kind LIBDIR INCLUDEDIR)
  if(IS_ABSOLUTE "${CMAKE_INSTALL_${kind}}")
    set(mim_pc_${kind} "${CMAKE_INSTALL_${kind}}")
  else()
    set(mim_pc_${kind} "\${prefix}/${CMAKE_INSTALL_${kind}}")
  endif()
endforeach()
# The prefix follows the place of the .pc file: `cmake --install --prefix` may choose another one.
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
  set(mim_pc_prefix "${CMAKE_INSTALL_PREFIX}")
else()
  file(RELATIVE_PATH mim_pc_up "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
  string(REGEX REPLACE "/$" "" mim_pc_up "${mim_pc_up}")
  set(mim_pc_prefix "\${pcfiledir}/${mim_pc_up}")
endif()
configure_file("${PROJECT_SOURCE_DIR}/cmake/mimalloc.pc.in" "${PROJECT_BINARY_DIR}/mimalloc.pc"
  @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/mimalloc.pc"
  DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

# A program that has us as a subproject may have such a target of its own.
if(mim_is_top_level)
  add_custom_target(uninstall
    COMMAND "${CMAKE_COMMAND}" "-DMANIFEST=${PROJECT_BINARY_DIR}/install_manifest.txt"
            -P "${PROJECT_SOURCE_DIR}/cmake/uninstall.cmake"
    COMMENT "Removing what was installed from this folder"
    VERBATIM)
endif()
