// Offers a client to the pages of a WebView.
#ifndef GADGET_REQUEST_BRIDGE_HPP
#define GADGET_REQUEST_BRIDGE_HPP

#include <gadget_request/client.hpp>
#include <gadget_request/memory.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace gadget {

/// Gets the reply to a message: exactly once, inside Bridge::receive or later. Pass it to the
/// script of the document that sent the message: as a string if `is_text`, else as an ArrayBuffer.
/// If it is absent, pass nothing.
using BridgeReply = std::function<void(std::optional<std::string_view> reply, bool is_text)>;

/// `tt.request` for the pages of one WebView. docs/bridge.md has the messages and the script. If it
/// is destroyed, it ends as by `close`.
class Bridge {
 public:
  /// `settings` is a JSON document, `{}` for the defaults. If it is wrong, the Error names the
  /// field.
  explicit Bridge(const Client &client, std::string_view settings = "{}") {
    gadget_bridge *bridge = nullptr;
    detail::Message message;
    detail::check(gadget_bridge_new(client.get(), detail::slice_of(settings), &bridge, message.text,
                                    sizeof message.text),
                  message.text);
    owned_.reset(bridge);
  }

  /// The script to run at the start of each document, before any script of the page.
  std::string script() const {
    detail::Taken taken;
    return taken.get(gadget_bridge_get_script(owned_.get(), detail::Taken::take, &taken));
  }

  /// Takes a message of the page's script. Take `origin` and `is_main_frame` from the WebView,
  /// never from the page.
  void receive(std::string_view message, std::string_view origin, bool is_main_frame,
               BridgeReply reply) const {
    const auto pass = [](void *context, gadget_slice bytes, bool is_text) noexcept {
      auto &self = *static_cast<BridgeReply *>(context);
      std::optional<std::string_view> view;
      if (bytes.data) view = detail::view_of(bytes);
      detail::contain([&] { self(view, is_text); });
    };
    decltype(gadget_bridge_reply::replied) replied = pass;
    if (!reply) replied = nullptr;
    const gadget_bridge_reply to{new BridgeReply(std::move(reply)), replied,
                                 detail::destroy<BridgeReply>};
    detail::check(gadget_bridge_receive(owned_.get(), detail::slice_of(message),
                                        detail::slice_of(origin), is_main_frame, &to));
  }

  /// Ends the bridge: all calls of its pages are aborted, and all replies from now on are absent.
  void close() const { detail::check(gadget_bridge_close(owned_.get())); }

 private:
  detail::Owned<gadget_bridge, gadget_bridge_free> owned_;
};

}  // namespace gadget

#endif  // GADGET_REQUEST_BRIDGE_HPP
