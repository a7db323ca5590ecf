# The libraries that ours is linked to: looked for by the build, and, as this file is installed with
# dissensusConfig.cmake, by the builds of those who link the static library. `required` is REQUIRED
# or empty, DSS_LIBRARIES the result.
set(HDF5_PREFER_PARALLEL OFF)
find_package(HDF5 1.10 ${required} COMPONENTS C HL)
find_package(OpenMP ${required} COMPONENTS C)
find_package(OpenSSL 1.1 ${required} COMPONENTS Crypto)
find_package(ZLIB ${required})
find_package(PkgConfig ${required})
if(PkgConfig_FOUND)
  pkg_check_modules(OPENBLAS ${required} IMPORTED_TARGET openblas>=0.3)
  pkg_check_modules(JANSSON ${required} IMPORTED_TARGET jansson>=2.13)
endif()
find_library(CSV_LIBRARY csv ${required})
find_library(UNISTRING_LIBRARY unistring ${required})

set(DSS_LIBRARIES ${HDF5_C_HL_LIBRARIES} ${HDF5_C_LIBRARIES} OpenMP::OpenMP_C OpenSSL::Crypto
  ZLIB::ZLIB PkgConfig::JANSSON PkgConfig::OPENBLAS ${CSV_LIBRARY} ${UNISTRING_LIBRARY} m)
