# dss_portable(target [library]): the program, of our library or of the one named, also runs on a
# machine with a GPU and nothing of ours installed (bench/gpu/README.md). Shared libraries are
# looked for beside it, in lib/, and HDF5, whose shared library brings thirty others, is linked
# statically where there is such a library. Then MPI and what draws figures, which bring thirty more
# and want a newer C library, are left out: the linker takes nothing of an archive that it has.
find_library(DSS_STATIC_HDF5 libhdf5.a HINTS ${HDF5_ROOT} PATH_SUFFIXES hdf5/serial)
find_library(DSS_STATIC_HDF5_HL libhdf5_hl.a HINTS ${HDF5_ROOT} PATH_SUFFIXES hdf5/serial)
find_library(DSS_STATIC_HDF5_SZ sz)
find_library(DSS_STATIC_HDF5_Z z)

set(DSS_PORTABLE_HDF5 "")
set(DSS_PORTABLE_PATH "$ORIGIN/lib")
if(BUILD_SHARED_LIBS) # our own library is one, and has HDF5 already
  list(APPEND DSS_PORTABLE_PATH $<TARGET_FILE_DIR:dissensus>)
elseif(DSS_STATIC_HDF5 AND DSS_STATIC_HDF5_HL AND DSS_STATIC_HDF5_SZ AND DSS_STATIC_HDF5_Z)
  set(DSS_PORTABLE_HDF5 ${DSS_STATIC_HDF5_HL} ${DSS_STATIC_HDF5} ${DSS_STATIC_HDF5_SZ}
    ${DSS_STATIC_HDF5_Z} ${CMAKE_DL_LIBS})
endif()

if(DSS_PORTABLE_HDF5)
  dss_folder(dss_alone ${PROJECT_SOURCE_DIR}/host/engine/team_absent.c
    ${PROJECT_SOURCE_DIR}/host/figures/absent.c)
endif()

# The shared HDF5 that follows is then needed for nothing, and left out. The old kind of path also
# holds for what the libraries themselves need.
function(dss_portable target)
  set(library dissensus ${ARGN})
  list(GET library -1 library)
  set_target_properties(${target} PROPERTIES BUILD_WITH_INSTALL_RPATH ON
    INSTALL_RPATH "${DSS_PORTABLE_PATH}")
  target_link_options(${target} PRIVATE -Wl,--as-needed -Wl,--disable-new-dtags)
  if(DSS_PORTABLE_HDF5)
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:dss_alone>)
    target_link_libraries(${target} PRIVATE -Wl,--start-group $<TARGET_FILE:${library}>
      ${DSS_PORTABLE_HDF5} -Wl,--end-group)
  endif()
endfunction()
