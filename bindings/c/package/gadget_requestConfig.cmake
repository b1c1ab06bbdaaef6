# find_package(gadget_request): gadget_request::shared is the shared library, and
# gadget_request::static becomes a part of the program. Conan and vcpkg install one of them only.
if(TARGET gadget_request::shared OR TARGET gadget_request::static)
  return()
endif()
get_filename_component(_gadget_request "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

if(EXISTS "${_gadget_request}/@shared@")
  add_library(gadget_request::shared SHARED IMPORTED)
  set_target_properties(gadget_request::shared PROPERTIES
    IMPORTED_LOCATION "${_gadget_request}/@shared@"
    INTERFACE_INCLUDE_DIRECTORIES "${_gadget_request}/include")
  if(MSVC)
    set_target_properties(gadget_request::shared PROPERTIES
      IMPORTED_IMPLIB "${_gadget_request}/lib/gadget_request.lib")
  elseif(WIN32)
    set_target_properties(gadget_request::shared PROPERTIES
      IMPORTED_IMPLIB "${_gadget_request}/lib/libgadget_request.dll.a")
  else()
    set_target_properties(gadget_request::shared PROPERTIES IMPORTED_SONAME "@soname@")
  endif()
endif()

# For Windows it is one for MinGW.
if(NOT MSVC AND EXISTS "${_gadget_request}/lib/libgadget_request.a")
  add_library(gadget_request::static STATIC IMPORTED)
  set_target_properties(gadget_request::static PROPERTIES
    IMPORTED_LOCATION "${_gadget_request}/lib/libgadget_request.a"
    INTERFACE_INCLUDE_DIRECTORIES "${_gadget_request}/include"
    INTERFACE_LINK_LIBRARIES "@libraries@")
endif()
if(NOT TARGET gadget_request::shared AND NOT TARGET gadget_request::static)
  set(gadget_request_FOUND FALSE)
  set(gadget_request_NOT_FOUND_MESSAGE "${_gadget_request} has no library for this compiler")
endif()
unset(_gadget_request)
