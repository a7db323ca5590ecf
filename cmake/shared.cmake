# The shared library shows what the public headers declare and nothing else. dss_inside is the
# library with everything in sight, for tests and benchmarks, which may include any header.
set(DSS_SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}) # until 1.0 each minor may break
set(DSS_SYMBOLS ${PROJECT_BINARY_DIR}/dissensus.map)

file(GLOB headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/dissensus/*.h)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${headers})
set(names "")
foreach(header ${headers})
  file(READ ${header} text)
  string(REGEX MATCHALL "dss_[a-z0-9_]+\\(" found "${text}")
  list(APPEND names ${found})
  string(REGEX MATCHALL "extern const [a-z0-9_ ]*dss_[a-z0-9_]+" found "${text}")
  list(TRANSFORM found REPLACE ".* " "")
  list(APPEND names ${found})
endforeach()
list(TRANSFORM names REPLACE "\\($" "")
list(REMOVE_DUPLICATES names)
list(SORT names)
list(JOIN names ";\n  " names)
file(CONFIGURE OUTPUT ${DSS_SYMBOLS} CONTENT [[
DISSENSUS_@DSS_SOVERSION@ {
global:
  @names@;
local:
  *;
};
]] @ONLY)

# dss_public(target): a shared library with those symbols alone, and a name that changes with them.
function(dss_public target)
  set_target_properties(${target} PROPERTIES OUTPUT_NAME dissensus VERSION ${PROJECT_VERSION}
    SOVERSION ${DSS_SOVERSION} LINK_DEPENDS ${DSS_SYMBOLS})
  target_link_options(${target} PRIVATE LINKER:--version-script=${DSS_SYMBOLS})
endfunction()

if(BUILD_SHARED_LIBS)
  dss_public(dissensus)
  add_library(dss_inside STATIC ${DSS_OBJECTS} $<TARGET_OBJECTS:dss_cuda>)
  target_include_directories(dss_inside PUBLIC ${PROJECT_SOURCE_DIR}/include)
  target_link_libraries(dss_inside PRIVATE dss_dependencies ${DSS_FIGURES_LIBRARIES} ${DSS_CUDA_LIBRARIES})
else()
  add_library(dss_inside ALIAS dissensus)
endif()
