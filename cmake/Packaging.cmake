# What is installed where, and the Debian package. Paths are relative to /, so that
# `cmake --install build/release --prefix ROOT` gives the whole image of the package.
#
# The man page and the completions are printed by the program itself; target `package_files` does
# that at package time.
if(NOT TARGET sallyport)
  return()
endif()

set(packaging "${CMAKE_SOURCE_DIR}/packaging")
set(made "${CMAKE_BINARY_DIR}/packaging")
file(MAKE_DIRECTORY "${made}")
find_program(SALLYPORT_GZIP gzip)
mark_as_advanced(SALLYPORT_GZIP)

add_custom_command(
  OUTPUT "${made}/sallyport.1.gz" "${made}/changelog.gz" "${made}/sallyport.bash"
         "${made}/sallyport.zsh" "${made}/sallyport.fish"
  COMMAND sallyport docs --man > "${made}/sallyport.1"
  COMMAND sallyport docs --completion bash > "${made}/sallyport.bash"
  COMMAND sallyport docs --completion zsh > "${made}/sallyport.zsh"
  COMMAND sallyport docs --completion fish > "${made}/sallyport.fish"
  COMMAND "${SALLYPORT_GZIP}" -9nf "${made}/sallyport.1"
  COMMAND "${SALLYPORT_GZIP}" -9nc "${CMAKE_SOURCE_DIR}/CHANGELOG.md" > "${made}/changelog.gz"
  DEPENDS sallyport "${CMAKE_SOURCE_DIR}/CHANGELOG.md"
  COMMENT "Printing the man page and the completions"
  VERBATIM)
add_custom_target(package_files DEPENDS "${made}/sallyport.1.gz")

install(TARGETS sallyport RUNTIME DESTINATION usr/bin)
install(FILES "${packaging}/sallyport.service" DESTINATION lib/systemd/system)
install(FILES "${packaging}/sallyport.yaml" DESTINATION etc/sallyport
  PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ)
install(FILES "${packaging}/sallyport.logrotate" DESTINATION etc/logrotate.d RENAME sallyport)
install(FILES "${made}/sallyport.1.gz" DESTINATION usr/share/man/man1)
install(FILES "${made}/sallyport.bash"
  DESTINATION usr/share/bash-completion/completions RENAME sallyport)
install(FILES "${made}/sallyport.zsh" DESTINATION usr/share/zsh/vendor-completions RENAME _sallyport)
install(FILES "${made}/sallyport.fish" DESTINATION usr/share/fish/vendor_completions.d)
install(FILES "${packaging}/debian/copyright" "${made}/changelog.gz" DESTINATION usr/share/doc/sallyport)
install(FILES "${CMAKE_SOURCE_DIR}/examples/demo.yaml" DESTINATION usr/share/doc/sallyport/examples)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME sallyport)
set(CPACK_PACKAGE_VENDOR "The Sallyport authors")
set(CPACK_PACKAGE_CONTACT "The Sallyport authors <maintainers@sallyport.example>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "API security gateway")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Stands between API clients and services: proves who is calling, decides what
they may do, checks what they send and what comes back, and explains every
decision it takes. One binary, one configuration file, closed until opened.")
set(CPACK_PACKAGING_INSTALL_PREFIX "/")
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, ca-certificates, tzdata")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "logrotate, modsecurity-crs, libmodsecurity3")
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  "${packaging}/debian/conffiles" "${packaging}/debian/postinst"
  "${packaging}/debian/prerm" "${packaging}/debian/postrm")
include(CPack)
