# From tools/layers.txt to targets: each folder of src/ becomes
#   sallyport_<folder>   a static library of its *.cc, linked to the folders of lower levels;
#   <folder>_test        one GoogleTest binary of its *_test.cc;
#   <name>_fuzz          one libFuzzer binary per <name>_fuzz.cc;
#   <name>_bench         one Google Benchmark binary per <name>_bench.cc (target `benches`);
#   <name>_oracle        one binary per <name>_oracle.cc, which compares with libmodsecurity.
# A folder that is missing or holds nothing yet is no error.

# Folders in the order of the table, lowest first, without `main`, which is a file.
function(sallyport_read_layers out_folders)
  set(table "${CMAKE_SOURCE_DIR}/tools/layers.txt")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${table}")
  file(STRINGS "${table}" lines REGEX "^[0-9]+[ \t]+[a-z_]+")
  set(folders "")
  foreach(line IN LISTS lines)
    string(REGEX MATCH "^([0-9]+)[ \t]+([a-z_]+)" _ "${line}")
    if(NOT CMAKE_MATCH_2 STREQUAL "main")
      list(APPEND folders "${CMAKE_MATCH_2}")
      set(SALLYPORT_LEVEL_${CMAKE_MATCH_2} "${CMAKE_MATCH_1}" PARENT_SCOPE)
    endif()
  endforeach()
  set(${out_folders} "${folders}" PARENT_SCOPE)
endfunction()

function(sallyport_add_library folder sources)
  set(target "sallyport_${folder}")
  if(sources)
    add_library(${target} STATIC ${sources})
    set(scope PUBLIC)
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(${target} ${scope}
    "${CMAKE_SOURCE_DIR}/src" "${SALLYPORT_GENERATED}")
  target_link_libraries(${target} ${scope} sallyport_flags ${SALLYPORT_USES_${folder}})
  add_dependencies(${target} sallyport_version)
  foreach(lower IN LISTS ARGN)
    target_link_libraries(${target} ${scope} sallyport_${lower})
  endforeach()
endfunction()

# What tests are told: where the checkout is, and that a sanitizer report is a failure.
set(SALLYPORT_TEST_ENVIRONMENT
  "ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1:check_initialization_order=1"
  "UBSAN_OPTIONS=print_stacktrace=1"
  "TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1"
  "CACHE_DIRECTORY=${CMAKE_BINARY_DIR}/cache")

function(sallyport_discover_tests folder filter seconds)
  gtest_discover_tests(${folder}_test
    DISCOVERY_MODE PRE_TEST
    TEST_FILTER "${filter}"
    TEST_PREFIX "${folder}."
    WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}"
    DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT ${seconds} ENVIRONMENT "${SALLYPORT_TEST_ENVIRONMENT}")
endfunction()

function(sallyport_add_tests folder sources)
  add_executable(${folder}_test ${sources})
  target_compile_definitions(${folder}_test PRIVATE
    SALLYPORT_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  target_link_libraries(${folder}_test PRIVATE
    sallyport_${folder} GTest::gmock GTest::gtest GTest::gtest_main)
  sallyport_discover_tests(${folder} "-PlanDifferential.*:*Postgres*" 120)
  # These share a server, which the program starts: one process for all of them.
  if(sources MATCHES "postgres_database_test\\.cc")
    add_test(NAME ${folder}.Postgres COMMAND ${folder}_test "--gtest_filter=*Postgres*"
      WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
    set_tests_properties(${folder}.Postgres PROPERTIES
      TIMEOUT 300 ENVIRONMENT "${SALLYPORT_TEST_ENVIRONMENT}")
  endif()
  # With a cold cache these first compile the databases of a whole rule set.
  if(sources MATCHES "differential_test\\.cc")
    sallyport_discover_tests(${folder} "PlanDifferential.*" 900)
  endif()
endfunction()

function(sallyport_add_fuzzers folder sources)
  foreach(source IN LISTS sources)
    get_filename_component(name "${source}" NAME_WE)
    add_executable(${name} "${source}")
    target_link_libraries(${name} PRIVATE sallyport_${folder})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    set_property(GLOBAL APPEND PROPERTY SALLYPORT_FUZZERS ${name})
  endforeach()
endfunction()

function(sallyport_add_benches folder sources)
  foreach(source IN LISTS sources)
    get_filename_component(name "${source}" NAME_WE)
    add_executable(${name} EXCLUDE_FROM_ALL "${source}")
    target_link_libraries(${name} PRIVATE
      sallyport_${folder} benchmark::benchmark benchmark::benchmark_main)
    add_dependencies(benches ${name})
  endforeach()
endfunction()

function(sallyport_add_oracles folder sources)
  # What they share; libmodsecurity's headers do not compile as C++23.
  file(GLOB shared CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/${folder}/oracle/*.cc")
  list(FILTER shared EXCLUDE REGEX "_oracle\\.cc$")
  add_library(${folder}_reference STATIC ${shared})
  target_include_directories(${folder}_reference PUBLIC "${CMAKE_SOURCE_DIR}/src")
  target_link_libraries(${folder}_reference PUBLIC PkgConfig::modsecurity)
  set_target_properties(${folder}_reference PROPERTIES CXX_STANDARD 20)
  foreach(source IN LISTS sources)
    get_filename_component(name "${source}" NAME_WE)
    add_executable(${name} "${source}")
    target_compile_definitions(${name} PRIVATE SALLYPORT_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    target_link_libraries(${name} PRIVATE
      sallyport_${folder} ${folder}_reference PkgConfig::modsecurity)
  endforeach()
endfunction()

function(sallyport_add_folders)
  sallyport_read_layers(folders)
  add_custom_target(benches)
  set(present "")

  foreach(folder IN LISTS folders)
    set(src "${CMAKE_SOURCE_DIR}/src/${folder}")
    file(GLOB sources CONFIGURE_DEPENDS "${src}/*.cc" "${src}/*/*.cc" "${src}/*/*/*.cc")
    set(tests ${sources})
    list(FILTER tests INCLUDE REGEX "_test\\.cc$")
    set(fuzzers ${sources})
    list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cc$")
    set(benches ${sources})
    list(FILTER benches INCLUDE REGEX "_bench\\.cc$")
    set(oracles ${sources})
    list(FILTER oracles INCLUDE REGEX "_oracle\\.cc$")
    list(FILTER sources EXCLUDE REGEX "(_(test|fuzz|bench)\\.cc|/oracle/[^/]*\\.cc)$")

    if(folder STREQUAL "policies")
      file(GLOB registry_header CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/policies/all.h")
      sallyport_policy_registry(registry)
      if(registry_header)
        list(APPEND sources "${registry}")
      endif()
    endif()

    set(lower "")
    foreach(other IN LISTS present)
      if(SALLYPORT_LEVEL_${other} LESS SALLYPORT_LEVEL_${folder})
        list(PREPEND lower ${other})
      endif()
    endforeach()
    sallyport_add_library(${folder} "${sources}" ${lower})
    list(APPEND present ${folder})

    if(tests AND SALLYPORT_TESTS)
      sallyport_add_tests(${folder} "${tests}")
    endif()
    if(fuzzers AND SALLYPORT_FUZZ)
      sallyport_add_fuzzers(${folder} "${fuzzers}")
    endif()
    if(benches AND SALLYPORT_BENCH AND benchmark_FOUND)
      sallyport_add_benches(${folder} "${benches}")
    endif()
    if(oracles AND SALLYPORT_ORACLE)
      sallyport_add_oracles(${folder} "${oracles}")
    endif()
  endforeach()

  set(SALLYPORT_FOLDERS "${present}" PARENT_SCOPE)

  get_property(fuzzer_names GLOBAL PROPERTY SALLYPORT_FUZZERS)
  if(SALLYPORT_FUZZ)
    add_custom_target(fuzzers DEPENDS ${fuzzer_names})
  endif()
endfunction()

# The gateway, at the top of the build folder.
function(sallyport_add_binary)
  file(GLOB main CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/main.cc")
  if(main AND NOT SALLYPORT_FUZZ)
    add_executable(sallyport "${main}")
    set_target_properties(sallyport PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
    target_link_libraries(sallyport PRIVATE sallyport_cli)
  endif()
  if(SALLYPORT_TESTS)
    add_test(NAME layers COMMAND "${CMAKE_SOURCE_DIR}/tools/check_layers")
    add_test(NAME layers.checker COMMAND "${CMAKE_SOURCE_DIR}/tools/check_layers_test.py")
  endif()
endfunction()
