# Read by cpack once for each kind of package.
if(CPACK_GENERATOR STREQUAL "DEB")
  if(CPACK_DSS_SHARED)
    message(FATAL_ERROR "Debian packages are made of builds with the static library; "
      "a shared one would want a package of its own")
  endif()
  set(CPACK_COMPONENTS_ALL command development)
  set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each component's description begins with its own
endif()
