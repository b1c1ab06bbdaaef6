#!/usr/bin/python3
"""A page in WebKit for webkit.js. Commands come as lines of JSON. Messages of the page, results and
errors go out as such lines.

Needs: WebKitGTK 2.50 with its introspection, PyGObject, a display (xvfb-run).
"""
import json
import sys
import threading

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
gi.require_version("JavaScriptCore", "4.1")
from gi.repository import GLib, Gtk, JavaScriptCore, WebKit2  # noqa: E402

HANDLER = "gadgetRequest"


class Page:
    def __init__(self):
        self.waiting = {}
        self.last = 0
        self.loading = None
        self.manager = WebKit2.UserContentManager()
        self.manager.connect(f"script-message-with-reply-received::{HANDLER}", self.receive)
        self.manager.register_script_message_handler_with_reply(HANDLER, None)
        self.view = WebKit2.WebView.new_with_user_content_manager(self.manager)
        self.view.get_settings().set_enable_write_console_messages_to_stdout(True)
        self.view.connect("load-changed", self.load_changed)
        died = lambda *_: say(error="the web process has died")
        self.view.connect("web-process-terminated", died)
        window = Gtk.Window()
        window.add(self.view)
        window.show_all()

    def receive(self, _manager, value, reply):
        self.last += 1
        self.waiting[self.last] = (reply, value.get_context())
        say(message=self.last, text=value.to_string(), url=self.view.get_uri())
        return True

    def load_changed(self, _view, event):
        if event == WebKit2.LoadEvent.FINISHED and self.loading is not None:
            say(done=self.loading)
            self.loading = None

    def do_script(self, command):
        script = WebKit2.UserScript.new(
            command["source"],
            WebKit2.UserContentInjectedFrames.TOP_FRAME,
            WebKit2.UserScriptInjectionTime.START,
            None,
            None,
        )
        self.manager.add_script(script)
        say(done=command["id"])

    def do_load(self, command):
        self.loading = command["id"]
        self.view.load_uri(command["url"])

    def do_evaluate(self, command):
        finish = self.view.call_async_javascript_function_finish
        done = lambda _, result: self.finished(command, finish, result)
        body = command["body"]
        self.view.call_async_javascript_function(body, -1, None, None, None, None, done)

    def do_evaluate_now(self, command):
        finish = self.view.evaluate_javascript_finish
        done = lambda _, result: self.finished(command, finish, result)
        self.view.evaluate_javascript(command["script"], -1, None, None, None, done)

    def finished(self, command, finish, result):
        try:
            say(done=command["id"], value=finish(result).to_string())
        except GLib.Error as error:
            say(done=command["id"], error=error.message)

    def do_reply(self, command):
        reply, context = self.waiting.pop(command["id"])
        text = command.get("text")
        value = JavaScriptCore.Value
        reply.return_value(value.new_string(context, text) if text else value.new_null(context))


def say(**members):
    sys.stdout.write(json.dumps(members) + "\n")
    sys.stdout.flush()


def read(page):
    for line in sys.stdin:
        command = json.loads(line)
        GLib.idle_add(lambda it=command: getattr(page, "do_" + it["do"])(it) and False)
    GLib.idle_add(Gtk.main_quit)


threading.Thread(target=read, args=(Page(),), daemon=True).start()
Gtk.main()
