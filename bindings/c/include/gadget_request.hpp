// The C++17 interface of gadget-request: gadget_request.h with owners, functions and exceptions.
//
//   gadget::Client client(R"({"platform":"pc"})");
//   std::future<gadget::Result> call = client.request(R"({"url":"http://open.feishu.cn"})");
//   std::cout << call.get().json();
//
// What gadget_request.h says of a function also holds for the member of that name here. And:
//
// Owners     An object can be moved, not copied, and frees what it owns. A method of an object that
//            was moved from throws Error with GADGET_NULL_ARGUMENT.
// Views      A std::string_view that a Result returns is valid as long as the Result. One that a
//            callback gets is valid until the callback returns.
// Errors     A method throws Error if the function of C returns another status than GADGET_OK. A
//            call that fails does not throw: its Result says so.
// Callbacks  run on any thread of the library, maybe before the function that takes them returns,
//            and must not block. They are destroyed after the last use. An empty one that is needed
//            throws GADGET_NULL_ARGUMENT. What a callback throws does not reach the library:
//            set_uncaught_handler gets it, unless the callback says otherwise.
// Threads    Methods that are const can run on several threads at the same time.

#ifndef GADGET_REQUEST_HPP
#define GADGET_REQUEST_HPP

#include <gadget_request/bridge.hpp>
#include <gadget_request/client.hpp>
#include <gadget_request/error.hpp>
#include <gadget_request/process.hpp>
#include <gadget_request/result.hpp>
#include <gadget_request/services.hpp>

#endif  // GADGET_REQUEST_HPP
