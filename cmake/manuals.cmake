# Manual pages and the completion of bash, written by the command itself once it is built.
set(DSS_MANUALS ${PROJECT_BINARY_DIR}/manuals)
set(DSS_COMPLETION ${PROJECT_SOURCE_DIR}/packaging/completion/dissensus.bash.in)
add_custom_command(OUTPUT ${DSS_MANUALS}/dissensus
  COMMAND ${CMAKE_COMMAND} -D "DISSENSUS=${CMAKE_CROSSCOMPILING_EMULATOR};$<TARGET_FILE:dissensus-command>"
    -D OUT=${DSS_MANUALS} -D TEMPLATE=${DSS_COMPLETION} -P ${CMAKE_CURRENT_LIST_DIR}/write_manuals.cmake
  DEPENDS dissensus-command ${DSS_COMPLETION} ${CMAKE_CURRENT_LIST_DIR}/write_manuals.cmake
  COMMENT "Writing manual pages and the completion of bash"
  VERBATIM)
add_custom_target(dissensus-manuals ALL DEPENDS ${DSS_MANUALS}/dissensus)
