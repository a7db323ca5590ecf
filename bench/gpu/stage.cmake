# Gathers what bench/gpu/check needs on a machine with a GPU and nothing of ours into a folder, and
# packs it. cmake -D FOLDER=... -D SOURCE=... -D PROGRAMS=a;b -D STRIP=... -D ABOUT=JSON -P stage.cmake
set(CMAKE_GET_RUNTIME_DEPENDENCIES_PLATFORM linux+elf)
set(most_bytes 67108864)

file(REMOVE_RECURSE ${FOLDER})
file(MAKE_DIRECTORY ${FOLDER}/bin/lib)
foreach(program ${PROGRAMS})
  file(COPY ${program} DESTINATION ${FOLDER}/bin)
endforeach()

# The libraries of C, of C++ and of the compiler come with the machine, where the build's own might want
# a newer C library, and libcuda with its driver; all else is brought along.
file(GLOB programs ${FOLDER}/bin/*)
list(FILTER programs EXCLUDE REGEX "/lib$")
file(GET_RUNTIME_DEPENDENCIES EXECUTABLES ${programs}
  RESOLVED_DEPENDENCIES_VAR libraries
  UNRESOLVED_DEPENDENCIES_VAR missing
  PRE_EXCLUDE_REGEXES "^lib(c|m|dl|rt|pthread|resolv|util|mvec|stdc[+][+]|gcc_s)[.]so" "^ld-linux" "^libcuda[.]so")
if(missing)
  message(FATAL_ERROR "gpu-check: libraries that were not found: ${missing}")
endif()
foreach(library ${libraries})
  get_filename_component(name ${library} NAME)
  file(REAL_PATH ${library} real)
  file(COPY_FILE ${real} ${FOLDER}/bin/lib/${name})
  # One with a path of its own would look for what it needs there, and not where its program does.
  file(RPATH_REMOVE FILE ${FOLDER}/bin/lib/${name})
endforeach()
file(GLOB libraries ${FOLDER}/bin/lib/*)
foreach(binary ${programs} ${libraries})
  execute_process(COMMAND ${STRIP} --strip-unneeded ${binary} COMMAND_ERROR_IS_FATAL ANY)
endforeach()

foreach(folder bench/gpu bench/harness bench/peers)
  file(GLOB files ${SOURCE}/${folder}/*.py ${SOURCE}/${folder}/*.json)
  file(COPY ${files} DESTINATION ${FOLDER}/${folder})
endforeach()
file(COPY ${SOURCE}/bench/gpu/check ${SOURCE}/bench/gpu/README.md DESTINATION ${FOLDER}/bench/gpu)
file(COPY ${SOURCE}/data/demo/dive.ini DESTINATION ${FOLDER}/data/demo)
file(COPY ${SOURCE}/LICENSE DESTINATION ${FOLDER})

# Which commit this is; the machine it goes to has no repository.
execute_process(COMMAND git -C ${SOURCE} rev-parse HEAD OUTPUT_VARIABLE commit
  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
execute_process(COMMAND git -C ${SOURCE} status --porcelain --untracked-files=no
  OUTPUT_VARIABLE changes OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
set(changed false)
if(changes)
  set(changed true)
endif()
set(of null)
if(commit)
  set(of "{\"hash\": \"${commit}\", \"changed\": ${changed}}")
endif()
file(WRITE ${FOLDER}/about.json "{\"commit\": ${of}, \"built\": \"${ABOUT}\"}\n")

get_filename_component(parent ${FOLDER} DIRECTORY)
get_filename_component(name ${FOLDER} NAME)
execute_process(COMMAND ${CMAKE_COMMAND} -E tar czf ${FOLDER}.tar.gz ${name}
  WORKING_DIRECTORY ${parent} COMMAND_ERROR_IS_FATAL ANY)
file(SIZE ${FOLDER}.tar.gz bytes)
list(LENGTH libraries n)
math(EXPR kilobytes "${bytes} / 1024")
message(STATUS "${name}: ${n} libraries beside the programs, ${kilobytes} KiB packed")
if(bytes GREATER most_bytes)
  message(FATAL_ERROR "${name}: more than ${most_bytes} bytes packed; code for the GPU at hand alone, "
    "-DDSS_CUDA_ARCHITECTURES=90-real of an H100, makes it smaller")
endif()
