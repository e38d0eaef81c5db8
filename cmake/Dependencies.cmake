# Third-party libraries, and which one folder may use each of them.
#
# SALLYPORT_USES_<folder> lists what that folder's library links beyond the folders below it.
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(CAres REQUIRED)
find_package(yaml-cpp 0.7 REQUIRED)
find_package(CLI11 2.1 REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(pcre2 REQUIRED IMPORTED_TARGET libpcre2-8)
pkg_check_modules(libxml2 REQUIRED IMPORTED_TARGET libxml-2.0)
pkg_check_modules(maxminddb REQUIRED IMPORTED_TARGET libmaxminddb)
pkg_check_modules(sqlite3 REQUIRED IMPORTED_TARGET sqlite3>=3.35)
pkg_check_modules(hyperscan REQUIRED IMPORTED_TARGET libhs)
# Vectorscan's numbers begin behind the last one of the open Hyperscan.
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64" AND hyperscan_VERSION VERSION_GREATER_EQUAL 5.4.6)
  message(FATAL_ERROR "libhs ${hyperscan_VERSION} is Vectorscan, which overlooks matches on x86-64. "
    "Install Hyperscan: apt-get install libhyperscan-dev libvectorscan-dev- libvectorscan5-")
endif()

set(SALLYPORT_USES_base fmt::fmt Threads::Threads)
set(SALLYPORT_USES_async OpenSSL::SSL OpenSSL::Crypto CAres::cares)
set(SALLYPORT_USES_config yaml-cpp)
set(SALLYPORT_USES_seclang PkgConfig::pcre2 PkgConfig::libxml2 PkgConfig::maxminddb PkgConfig::hyperscan OpenSSL::Crypto ${CMAKE_DL_LIBS})
set(SALLYPORT_USES_store PkgConfig::sqlite3 OpenSSL::Crypto)
set(SALLYPORT_USES_cli CLI11::CLI11)

if(SALLYPORT_TESTS)
  find_package(GTest 1.12 REQUIRED)
  include(GoogleTest)
endif()
if(SALLYPORT_ORACLE)
  pkg_check_modules(modsecurity REQUIRED IMPORTED_TARGET modsecurity)
endif()
if(SALLYPORT_BENCH)
  find_package(benchmark QUIET)
endif()
