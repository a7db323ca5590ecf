# What `cmake --install` and the packages put where. Nothing installed knows its folder: a tree may
# be moved whole.
include(CMakePackageConfigHelpers)
include(${CMAKE_CURRENT_LIST_DIR}/private_libraries.cmake)
set(DSS_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/dissensus)
set(made ${PROJECT_BINARY_DIR}/installed)

# The system's own folders are searched anyway; whoever sets a path (Spack) knows better.
if(BUILD_SHARED_LIBS AND NOT DEFINED CMAKE_INSTALL_RPATH AND NOT CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  file(RELATIVE_PATH path /${CMAKE_INSTALL_BINDIR} /${CMAKE_INSTALL_LIBDIR})
  set_target_properties(dissensus-command PROPERTIES INSTALL_RPATH "$ORIGIN/${path}")
endif()
install(TARGETS dissensus-command COMPONENT command)
install(TARGETS dissensus EXPORT dissensusTargets
  LIBRARY COMPONENT command NAMELINK_COMPONENT development ARCHIVE COMPONENT development)
install(DIRECTORY include/dissensus DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)

# For CMake and pkg-config. Who links the static library links what it is made of.
configure_package_config_file(cmake/dissensusConfig.cmake.in ${made}/dissensusConfig.cmake
  INSTALL_DESTINATION ${DSS_CMAKE_DIR} NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(${made}/dissensusConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${made}/dissensusConfig.cmake ${made}/dissensusConfigVersion.cmake
  DESTINATION ${DSS_CMAKE_DIR} COMPONENT development)
install(EXPORT dissensusTargets NAMESPACE dissensus:: DESTINATION ${DSS_CMAKE_DIR}
  COMPONENT development)
if(NOT BUILD_SHARED_LIBS)
  install(FILES cmake/libraries.cmake DESTINATION ${DSS_CMAKE_DIR} RENAME dissensusLibraries.cmake
    COMPONENT development)
endif()
file(RELATIVE_PATH to_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" to_prefix "${to_prefix}")
configure_file(cmake/dissensus.pc.in ${made}/dissensus.pc @ONLY)
install(FILES ${made}/dissensus.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
  COMPONENT development)

# For people and their shells.
install(DIRECTORY ${DSS_MANUALS}/man1 DESTINATION ${CMAKE_INSTALL_MANDIR} COMPONENT command)
install(FILES ${DSS_MANUALS}/dissensus DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
  COMPONENT command)
install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT command)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT command)

# PREFIX/share/modulefiles is a folder for `module use`.
set(DSS_MODULE_DIR ${CMAKE_INSTALL_DATADIR}/modulefiles/dissensus)
file(RELATIVE_PATH to_prefix /${DSS_MODULE_DIR} /)
string(REGEX REPLACE "/$" "" to_prefix "${to_prefix}")
configure_file(packaging/modulefile/dissensus.tcl.in ${made}/${PROJECT_VERSION} @ONLY)
install(FILES ${made}/${PROJECT_VERSION} DESTINATION ${DSS_MODULE_DIR} COMPONENT module)
