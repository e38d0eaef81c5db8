# The policy registry: every folder src/policies/<name>/ defines `PolicyType policies::<name>()`, and
# the generated registry.cc lists them all. No static initialisers, no list kept by hand.
function(sallyport_policy_registry out)
  file(GLOB sources CONFIGURE_DEPENDS RELATIVE "${CMAKE_SOURCE_DIR}/src/policies"
    "${CMAKE_SOURCE_DIR}/src/policies/*/*.cc")
  set(names "")
  foreach(source IN LISTS sources)
    if(NOT source MATCHES "_(test|fuzz|bench)\\.cc$")
      get_filename_component(name "${source}" DIRECTORY)
      list(APPEND names "${name}")
    endif()
  endforeach()
  list(REMOVE_DUPLICATES names)
  list(SORT names)

  set(declarations "")
  set(calls "")
  foreach(name IN LISTS names)
    string(APPEND declarations "PolicyType ${name}();\n")
    string(APPEND calls "  types.push_back(${name}());\n")
  endforeach()
  list(LENGTH names count)
  configure_file("${CMAKE_SOURCE_DIR}/cmake/registry.cc.in"
    "${SALLYPORT_GENERATED}/policies/registry.cc" @ONLY)
  set(${out} "${SALLYPORT_GENERATED}/policies/registry.cc" PARENT_SCOPE)
endfunction()
