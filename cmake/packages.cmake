# `cpack -G DEB` and `cpack -G TGZ` in the build folder: packages for Debian, and a tarball.
set(CPACK_PACKAGE_NAME dissensus)
set(CPACK_PACKAGE_VENDOR "dissensus developers")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "agreement among groups of raters, and its significance")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_GENERATOR DEB TGZ)
set(CPACK_SYSTEM_NAME ${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_CHECKSUM SHA256)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "dissensus developers <dissensus@developers.invalid>" CACHE STRING
  "Who answers for the Debian packages: name and address")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/debian_files.cmake)

set(CPACK_DEBIAN_COMMAND_PACKAGE_NAME dissensus)
set(CPACK_DEBIAN_COMMAND_PACKAGE_SECTION science)
set(CPACK_DEBIAN_COMMAND_PACKAGE_SHLIBDEPS ON)
set(CPACK_COMPONENT_COMMAND_DESCRIPTION "agreement among groups of raters, and its significance
People who rate the same things disagree, and often along the lines of who
they are. From a table of ratings and who the raters are, dissensus computes
for every group of raters how much they agree among themselves and with
everyone else, and tells by permutation whether that is more than chance.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libdissensus-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "agreement among groups of raters: library and headers
What a C program needs that computes what the command dissensus computes: the
library, its headers, and files for pkg-config and CMake.")
set(CPACK_DSS_SHARED ${BUILD_SHARED_LIBS})
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libhdf5-dev, libssl-dev, libjansson-dev, libcsv-dev, libopenblas-dev, libunistring-dev, zlib1g-dev")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_RECOMMENDS pkg-config)
if("MPI::MPI_C" IN_LIST DSS_PRIVATE_LIBRARIES)
  string(APPEND CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS ", libopenmpi-dev")
endif()

if("PkgConfig::PANGOCAIRO" IN_LIST DSS_PRIVATE_LIBRARIES)
  string(APPEND CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS ", libcairo2-dev, libpango1.0-dev")
endif()

# The Debian packages have no use for a module.
set(CPACK_COMPONENTS_ALL command development module)
set(CPACK_PROJECT_CONFIG_FILE ${PROJECT_SOURCE_DIR}/cmake/packages_by_kind.cmake)
include(CPack)
