# summary.cmake - what was configured, in a few lines at the end of the configure step.

set(mim_level_text "off")
if(mim_secure GREATER 0)
  set(mim_level_text "level ${mim_secure}")
endif()
set(mim_lto_text "no LTO")
if(mim_lto)
  set(mim_lto_text "LTO")
endif()
set(mim_sanitize_text "none")
if(MIM_SANITIZE)
  set(mim_sanitize_text "${MIM_SANITIZE}")
endif()

message(STATUS "Library:    lib${mim_library_name} ${PROJECT_VERSION}, "
               "${CMAKE_BUILD_TYPE}, ${mim_lto_text}")
message(STATUS "Compiler:   ${CMAKE_C_COMPILER_ID} ${CMAKE_C_COMPILER_VERSION}")
message(STATUS "Checks:     assertions at level ${mim_assert_level}, secure ${mim_level_text}, "
               "sanitizer ${mim_sanitize_text}")
message(STATUS "Override:   ${mim_override}")
if(mim_no_effect)
  list(JOIN mim_no_effect ", " mim_no_effect_text)
  message(STATUS "Accepted, no effect here: ${mim_no_effect_text}")
endif()
