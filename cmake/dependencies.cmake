# Every outside library, in one place. docs/dependencies.md says why each is here.

set(required REQUIRED)
include(${CMAKE_CURRENT_LIST_DIR}/libraries.cmake)
find_path(CSV_INCLUDE_DIR csv.h REQUIRED)
find_path(UNISTRING_INCLUDE_DIR unistr.h REQUIRED)
find_path(UTHASH_INCLUDE_DIR uthash.h REQUIRED)
find_path(RANDOM123_INCLUDE_DIR Random123/philox.h REQUIRED)

add_library(dss_dependencies INTERFACE)
target_include_directories(dss_dependencies SYSTEM INTERFACE ${HDF5_C_INCLUDE_DIRS}
  ${CSV_INCLUDE_DIR} ${UNISTRING_INCLUDE_DIR} ${UTHASH_INCLUDE_DIR} ${RANDOM123_INCLUDE_DIR})
target_link_libraries(dss_dependencies INTERFACE ${DSS_LIBRARIES})

# nvcc is asked for where CUDA usually lies too, as it is seldom on PATH.
set(DSS_CUDA_ARCHITECTURES 80-real 90-real 100-real 100-virtual CACHE STRING
  "Architectures that the CUDA backend is compiled for")
set(DSS_CUDA_SUMMARY "not looked for (DSS_CUDA is off)")
set(DSS_CUDA_FOUND OFF)
if(DSS_CUDA)
  find_program(DSS_NVCC nvcc HINTS ENV CUDACXX ENV CUDA_PATH ENV CUDA_HOME PATHS /usr/local/cuda
    PATH_SUFFIXES bin)
  if(DSS_NVCC AND NOT DEFINED ENV{CUDACXX})
    set(ENV{CUDACXX} ${DSS_NVCC})
  endif()
  include(CheckLanguage)
  set(CMAKE_CUDA_ARCHITECTURES ${DSS_CUDA_ARCHITECTURES})
  check_language(CUDA)
  if(CMAKE_CUDA_COMPILER)
    set(CMAKE_CUDA_STANDARD 17)
    set(CMAKE_CUDA_STANDARD_REQUIRED ON)
    set(CMAKE_CUDA_EXTENSIONS OFF)
    enable_language(CUDA)
    find_package(CUDAToolkit REQUIRED)
    set(DSS_CUDA_FOUND ON)
    list(JOIN DSS_CUDA_ARCHITECTURES " " architectures)
    set(DSS_CUDA_SUMMARY "nvcc ${CMAKE_CUDA_COMPILER_VERSION} for ${architectures}")
  else()
    set(DSS_CUDA_SUMMARY "no CUDA compiler found; building without the CUDA backend")
  endif()
endif()
