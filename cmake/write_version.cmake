# Writes base/version.h; run as a script at configure time and again before each build, so that the
# revision is true without a new configure. The file is left alone when nothing changed.
#
# cmake -DSOURCE=<checkout> -DOUTPUT=<file> -DSALLYPORT_VERSION=<x.y.z> -P write_version.cmake
set(SALLYPORT_REVISION "unknown")
find_program(GIT git)
if(GIT AND EXISTS "${SOURCE}/.git")
  execute_process(
    COMMAND "${GIT}" -C "${SOURCE}" rev-parse --verify --short=12 HEAD
    OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(NOT failed)
    set(SALLYPORT_REVISION "${revision}")
  endif()
endif()
configure_file("${CMAKE_CURRENT_LIST_DIR}/version.h.in" "${OUTPUT}" @ONLY)
