# Read by cpack once for each kind of package.
if(CPACK_GENERATOR STREQUAL "DEB")
  set(CPACK_COMPONENTS_ALL command development)
  set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each component's description begins with its own
endif()
