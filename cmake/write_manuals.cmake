# cmake -D DISSENSUS=COMMAND -D OUT=FOLDER -D TEMPLATE=FILE -P write_manuals.cmake
# Writes OUT/man1/dissensus*.1, a page a command, and OUT/dissensus, the completion of bash.
function(ask variable)
  execute_process(COMMAND ${DISSENSUS} help ${ARGN} OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
  set(${variable} "${text}" PARENT_SCOPE)
endfunction()

ask(DSS_TABLE --table)
if(DSS_TABLE MATCHES "'")
  message(FATAL_ERROR "a quote in the table of options, which the completion holds in quotes")
endif()
string(REGEX MATCHALL "(^|\n)[a-z0-9-]+" commands "${DSS_TABLE}")
list(TRANSFORM commands STRIP)
list(REMOVE_DUPLICATES commands)

file(REMOVE_RECURSE ${OUT})
ask(page --man)
file(WRITE ${OUT}/man1/dissensus.1 "${page}")
foreach(command ${commands})
  ask(page --man ${command})
  file(WRITE ${OUT}/man1/dissensus-${command}.1 "${page}")
endforeach()
configure_file(${TEMPLATE} ${OUT}/dissensus @ONLY)
