# uninstall.cmake - takes away what the last install of a build folder put down.
#
# usage: cmake -DMANIFEST=BUILD/install_manifest.txt -P cmake/uninstall.cmake    (DESTDIR as usual)
#
# Only files of the manifest go, and folders of our own name that are empty then: lib/ and include/
# belong to the system.

if(NOT EXISTS "${MANIFEST}")
  message(FATAL_ERROR "there is no ${MANIFEST}, so it is not known what was installed; "
          "install once more from this folder, then uninstall")
endif()

file(STRINGS "${MANIFEST}" mim_installed_files)
set(mim_removed 0)
foreach(name IN LISTS mim_installed_files)
  set(path "$ENV{DESTDIR}${name}")
  if(EXISTS "${path}" OR IS_SYMLINK "${path}")
    file(REMOVE "${path}")
    if(EXISTS "${path}" OR IS_SYMLINK "${path}")
      message(FATAL_ERROR "${path} cannot be removed; try again as the user who installed it "
              "(sudo, perhaps)")
    endif()
    math(EXPR mim_removed "${mim_removed} + 1")
  endif()
  get_filename_component(folder "${path}" DIRECTORY)
  file(GLOB others "${folder}/*")
  if(folder MATCHES "/mimalloc$" AND IS_DIRECTORY "${folder}" AND NOT others)
    file(REMOVE_RECURSE "${folder}")
  endif()
endforeach()

list(LENGTH mim_installed_files mim_listed)
message(STATUS "Removed ${mim_removed} of the ${mim_listed} files that were installed")
