# One interface target, sallyport_flags, carries the language, the warnings and the instrumentation
# of the chosen preset to every target of the project (and to nothing from outside it).
add_library(sallyport_flags INTERFACE)

target_compile_features(sallyport_flags INTERFACE cxx_std_23)
set(CMAKE_CXX_EXTENSIONS OFF)

# Everything ends in an executable, so -fPIE rather than -fPIC: thread-local and global variables
# are then reached directly.
target_compile_options(sallyport_flags INTERFACE -fPIE)
target_link_options(sallyport_flags INTERFACE -pie)

# Tail calls stay on in every preset: symmetric transfer between coroutines depends on them.
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g -fno-omit-frame-pointer -foptimize-sibling-calls")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -gdwarf-4 -DNDEBUG")

# A designated initialiser that leaves a field out asks for its default; that is no oversight.
target_compile_options(sallyport_flags INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Werror
  $<$<CXX_COMPILER_ID:Clang>:-Wno-missing-designated-field-initializers>
  -fdiagnostics-color=always)

find_program(SALLYPORT_LLD NAMES ld.lld-19)
mark_as_advanced(SALLYPORT_LLD)
if(SALLYPORT_LLD AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_link_options(sallyport_flags INTERFACE "-fuse-ld=lld")
endif()

if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_definitions(sallyport_flags INTERFACE _GLIBCXX_ASSERTIONS)
endif()

if(SALLYPORT_SANITIZE)
  set(sanitize "-fsanitize=${SALLYPORT_SANITIZE}" -fno-sanitize-recover=all)
  if(SALLYPORT_SANITIZE MATCHES "address" AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    list(APPEND sanitize -fsanitize-address-use-after-return=always)
  endif()
  target_compile_options(sallyport_flags INTERFACE ${sanitize})
  target_link_options(sallyport_flags INTERFACE ${sanitize})
endif()
if(SALLYPORT_FUZZ)
  target_compile_options(sallyport_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

if(SALLYPORT_COVERAGE)
  target_compile_options(sallyport_flags INTERFACE -fprofile-instr-generate -fcoverage-mapping)
  target_link_options(sallyport_flags INTERFACE -fprofile-instr-generate)
endif()

if(SALLYPORT_HARDENING)
  target_compile_options(sallyport_flags INTERFACE
    -fstack-protector-strong -fstack-clash-protection -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  target_link_options(sallyport_flags INTERFACE
    LINKER:-z,relro LINKER:-z,now LINKER:-z,noexecstack LINKER:--as-needed)
endif()

if(SALLYPORT_LTO)
  target_compile_options(sallyport_flags INTERFACE -flto=thin)
  target_link_options(sallyport_flags INTERFACE -flto=thin)
endif()
