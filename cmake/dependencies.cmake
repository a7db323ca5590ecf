# Every outside library, in one place. docs/dependencies.md says why each is here.

set(HDF5_PREFER_PARALLEL OFF)
find_package(HDF5 1.10 REQUIRED COMPONENTS C HL)
find_package(OpenMP REQUIRED COMPONENTS C)
find_package(OpenSSL 1.1 REQUIRED COMPONENTS Crypto)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(OPENBLAS REQUIRED IMPORTED_TARGET openblas>=0.3)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson>=2.13)
find_path(CSV_INCLUDE_DIR csv.h REQUIRED)
find_library(CSV_LIBRARY csv REQUIRED)
find_path(UNISTRING_INCLUDE_DIR unistr.h REQUIRED)
find_library(UNISTRING_LIBRARY unistring REQUIRED)
find_path(UTHASH_INCLUDE_DIR uthash.h REQUIRED)
find_path(RANDOM123_INCLUDE_DIR Random123/philox.h REQUIRED)

add_library(dss_dependencies INTERFACE)
target_include_directories(dss_dependencies SYSTEM INTERFACE ${HDF5_C_INCLUDE_DIRS}
  ${CSV_INCLUDE_DIR} ${UNISTRING_INCLUDE_DIR} ${UTHASH_INCLUDE_DIR} ${RANDOM123_INCLUDE_DIR})
target_link_libraries(dss_dependencies INTERFACE ${HDF5_C_HL_LIBRARIES} ${HDF5_C_LIBRARIES}
  OpenMP::OpenMP_C OpenSSL::Crypto ZLIB::ZLIB PkgConfig::JANSSON PkgConfig::OPENBLAS ${CSV_LIBRARY} ${UNISTRING_LIBRARY} m)

set(DSS_CUDA_SUMMARY "not looked for (DSS_CUDA is off)")
if(DSS_CUDA)
  find_package(CUDAToolkit QUIET)
  if(CUDAToolkit_FOUND)
    set(DSS_CUDA_SUMMARY "toolkit ${CUDAToolkit_VERSION} found; this version has no CUDA backend yet")
  else()
    set(DSS_CUDA_SUMMARY "toolkit not found; building without it")
  endif()
endif()
