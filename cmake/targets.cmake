# Flags that every target of ours gets, and a helper for "one target a folder".

set(DSS_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes
  -Wwrite-strings -Wpointer-arith -Wvla -Wformat=2 -Wundef -Wno-unused-parameter)
if(DSS_WERROR)
  list(APPEND DSS_WARNINGS -Werror)
endif()
if(BUILD_SHARED_LIBS)
  set(DSS_LIBRARY_KIND SHARED)
else()
  set(DSS_LIBRARY_KIND STATIC)
endif()

# dss_flags(target): warnings, POSIX, and no contraction: the last bits of every statistic depend
# on it (docs/determinism.md).
function(dss_flags target)
  target_compile_options(${target} PRIVATE ${DSS_WARNINGS} -ffp-contract=off)
  target_compile_definitions(${target} PRIVATE _POSIX_C_SOURCE=200809L _DEFAULT_SOURCE)
endfunction()

# dss_folder(name sources...): an object library for one folder, includes from the project's root.
function(dss_folder name)
  add_library(${name} OBJECT ${ARGN})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE dss_dependencies)
  dss_flags(${name})
endfunction()
