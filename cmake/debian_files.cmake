# Run by cpack before it packs: what Debian's policy wants of a package, in the staged folders.
if(NOT CPACK_GENERATOR STREQUAL "DEB")
  return()
endif()
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
string(TIMESTAMP year "%Y" UTC)
function(pack file)
  execute_process(COMMAND gzip -9n ${file} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(GLOB pages ${CPACK_TEMPORARY_DIRECTORY}/command${CPACK_PACKAGING_INSTALL_PREFIX}/share/man/man1/*.1)
foreach(page ${pages})
  pack(${page})
endforeach()
foreach(component command development)
  string(TOUPPER ${component} key)
  set(name ${CPACK_DEBIAN_${key}_PACKAGE_NAME})
  set(docs ${CPACK_TEMPORARY_DIRECTORY}/${component}${CPACK_PACKAGING_INSTALL_PREFIX}/share/doc/${name})
  file(WRITE ${docs}/copyright "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: dissensus

Files: *
Copyright: ${year} ${CPACK_PACKAGE_VENDOR}
License: Apache-2.0

License: Apache-2.0
 On Debian systems the whole text of this license is in
 /usr/share/common-licenses/Apache-2.0.
")
  file(WRITE ${docs}/changelog.Debian "dissensus (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium

  * Made by cpack from the sources of ${CPACK_PACKAGE_VERSION}.

 -- ${CPACK_DEBIAN_PACKAGE_MAINTAINER}  ${date}
")
  pack(${docs}/changelog.Debian)
  if(EXISTS ${docs}/CHANGELOG.md)
    file(RENAME ${docs}/CHANGELOG.md ${docs}/changelog)
    pack(${docs}/changelog)
  endif()
  file(REMOVE ${docs}/LICENSE) # copyright says where it is
endforeach()
