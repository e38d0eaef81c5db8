# Before project(): picks clang 19 unless the caller named a compiler, and ccache where present.
if(NOT DEFINED CMAKE_CXX_COMPILER AND NOT DEFINED ENV{CXX})
  find_program(SALLYPORT_CLANG NAMES clang++-19 clang++)
  if(SALLYPORT_CLANG)
    set(CMAKE_CXX_COMPILER "${SALLYPORT_CLANG}")
  endif()
endif()

find_program(SALLYPORT_CCACHE ccache)
mark_as_advanced(SALLYPORT_CLANG SALLYPORT_CCACHE)
if(SALLYPORT_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${SALLYPORT_CCACHE}")
endif()
