# Target sallyport_version keeps <build>/generated/base/version.h current.
set(SALLYPORT_GENERATED "${CMAKE_BINARY_DIR}/generated")
set(write_version "${CMAKE_COMMAND}"
  "-DSOURCE=${CMAKE_SOURCE_DIR}"
  "-DOUTPUT=${SALLYPORT_GENERATED}/base/version.h"
  "-DSALLYPORT_VERSION=${PROJECT_VERSION}"
  -P "${CMAKE_SOURCE_DIR}/cmake/write_version.cmake")

execute_process(COMMAND ${write_version} COMMAND_ERROR_IS_FATAL ANY)
add_custom_target(sallyport_version
  COMMAND ${write_version}
  BYPRODUCTS "${SALLYPORT_GENERATED}/base/version.h"
  COMMENT "Looking at the revision"
  VERBATIM)
