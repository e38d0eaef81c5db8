# After project(): refuses compilers that are known to build a wrong gateway.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  message(FATAL_ERROR
    "g++ ${CMAKE_CXX_COMPILER_VERSION} miscompiles ordinary coroutines without a word: temporaries in a "
    "co_await expression are destroyed twice, and some coroutine bodies never run. "
    "Use clang 19 (Debian: clang-19), as `cmake --preset dev` does, or g++ 13 and later.")
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  message(FATAL_ERROR
    "clang ${CMAKE_CXX_COMPILER_VERSION} does not offer std::expected with libstdc++ 12. "
    "Use clang 19 (Debian: clang-19), as `cmake --preset dev` does.")
endif()
