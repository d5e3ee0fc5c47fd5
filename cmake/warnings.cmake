# warnings.cmake - mim_warnings: what all sources of the project are compiled with.
set(mim_warnings
  -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wundef)
if(MIM_WERROR)
  list(APPEND mim_warnings -Werror)
endif()
