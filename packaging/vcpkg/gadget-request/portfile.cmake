# An overlay port that builds the package from this tree; it needs Rust, and what scripts/setup pc says:
# vcpkg install gadget-request --overlay-ports=packaging/vcpkg
vcpkg_check_linkage(ONLY_DYNAMIC_LIBRARY)
set(VCPKG_BUILD_TYPE release) # the interface is C's, so a debug build uses the same library

get_filename_component(tree "${CURRENT_PORT_DIR}/../../.." ABSOLUTE)
set(machine "x86_64")
if(VCPKG_TARGET_ARCHITECTURE STREQUAL "arm64")
  set(machine "aarch64")
endif()
set(target "${machine}-unknown-linux-gnu")
if(VCPKG_TARGET_IS_OSX)
  set(target "${machine}-apple-darwin")
endif()
vcpkg_execute_required_process(
  COMMAND "${tree}/scripts/build-pc" "${target}"
  WORKING_DIRECTORY "${tree}"
  LOGNAME "build-${TARGET_TRIPLET}")

set(package "${tree}/target/pc/gadget-request-${VERSION}-${target}")
file(COPY "${package}/include" DESTINATION "${CURRENT_PACKAGES_DIR}")
file(GLOB libraries "${package}/lib/libgadget_request.so*" "${package}/lib/*.dylib")
file(COPY ${libraries} DESTINATION "${CURRENT_PACKAGES_DIR}/lib")
file(COPY "${package}/lib/pkgconfig/gadget_request.pc"
  DESTINATION "${CURRENT_PACKAGES_DIR}/lib/pkgconfig")
vcpkg_fixup_pkgconfig()

# vcpkg keeps CMake's files one folder higher than the package does.
file(COPY "${package}/lib/cmake/gadget_request" DESTINATION "${CURRENT_PACKAGES_DIR}/share")
vcpkg_replace_string("${CURRENT_PACKAGES_DIR}/share/gadget_request/gadget_requestConfig.cmake"
  "/../../.." "/../..")

file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
vcpkg_install_copyright(FILE_LIST
  "${package}/share/licenses/gadget_request/LICENSE-MIT"
  "${package}/share/licenses/gadget_request/LICENSE-APACHE"
  "${package}/share/licenses/gadget_request/third-party.txt")
