# Flags that every target of ours gets, and a helper for "one target a folder".

set(DSS_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes
  -Wwrite-strings -Wpointer-arith -Wvla -Wformat=2 -Wundef -Wno-unused-parameter)
# For .cu files: nvcc's, which hands some to its host compiler, and of that compiler in the tests.
set(DSS_CUDA_WARNINGS -Xcompiler=-Wall,-Wextra,-Wno-unused-parameter)
set(DSS_CXX_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wvla -Wformat=2 -Wundef
  -Wno-unused-parameter -Wno-unknown-pragmas)
if(DSS_WERROR)
  list(APPEND DSS_WARNINGS -Werror)
  list(APPEND DSS_CUDA_WARNINGS -Werror=all-warnings)
  list(APPEND DSS_CXX_WARNINGS -Werror)
endif()
if(BUILD_SHARED_LIBS)
  set(DSS_LIBRARY_KIND SHARED)
else()
  set(DSS_LIBRARY_KIND STATIC)
endif()

# dss_flags(target): warnings, POSIX, and no contraction: the last bits of every statistic depend
# on it (docs/determinism.md).
function(dss_flags target)
  target_compile_options(${target} PRIVATE
    "$<$<COMPILE_LANGUAGE:C>:${DSS_WARNINGS};-ffp-contract=off>"
    "$<$<COMPILE_LANGUAGE:CXX>:${DSS_CXX_WARNINGS};-ffp-contract=off>"
    "$<$<COMPILE_LANGUAGE:CUDA>:${DSS_CUDA_WARNINGS};-fmad=false;-Xcompiler=-ffp-contract=off>")
  target_compile_definitions(${target} PRIVATE _POSIX_C_SOURCE=200809L _DEFAULT_SOURCE)
endfunction()

# dss_folder(name sources...): an object library for one folder, includes from the project's root.
function(dss_folder name)
  add_library(${name} OBJECT ${ARGN})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE dss_dependencies)
  dss_flags(${name})
endfunction()
