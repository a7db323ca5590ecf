# The target docs: the public headers as HTML, in docs/html of the build folder (docs/Doxyfile.in).
find_program(DSS_DOXYGEN doxygen)
if(NOT DSS_DOXYGEN)
  return()
endif()
set(DSS_DOCS ${PROJECT_BINARY_DIR}/docs)
set(DSS_DOXYGEN_FILTER "\"awk -f '${PROJECT_SOURCE_DIR}/docs/doxygen_filter.awk'\"")
configure_file(docs/Doxyfile.in ${DSS_DOCS}/Doxyfile @ONLY)
add_custom_target(docs
  COMMAND sh ${PROJECT_SOURCE_DIR}/cmake/docs.sh ${DSS_DOXYGEN} ${DSS_DOCS} VERBATIM)
