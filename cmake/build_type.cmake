# build_type.cmake - the rules by the name of the build folder that users of mimalloc know:
# one that ends in debug, asan, tsan, ubsan or valgrind makes a Debug build, one that ends in
# secure sets MI_SECURE; everything else is a Release build. An explicit setting always wins.

get_property(mim_is_multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
if(NOT CMAKE_BUILD_TYPE AND NOT mim_is_multi_config)
  set(mim_default_type Release)
  if(CMAKE_BINARY_DIR MATCHES "(debug|Debug|asan|tsan|ubsan|valgrind)$")
    set(mim_default_type Debug)
  endif()
  set(CMAKE_BUILD_TYPE ${mim_default_type} CACHE STRING
      "Release, Debug, RelWithDebInfo or MinSizeRel")
  # A program that has us as a part and names no build type has put an empty one into the cache: an
  # allocator without optimization is not what it meant. The variable holds for our folders only.
  if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE ${mim_default_type})
  endif()
endif()

if(CMAKE_BINARY_DIR MATCHES "(secure|Secure)$")
  set(mim_secure_default ON)
else()
  set(mim_secure_default OFF)
endif()

if(CMAKE_SOURCE_DIR STREQUAL CMAKE_CURRENT_SOURCE_DIR)
  set(mim_is_top_level ON)
else()
  set(mim_is_top_level OFF)
endif()
