#!/usr/bin/python3
"""A window of WebKitGTK for WebKitWebDriver to drive.

The library's own MiniBrowser would do, were it not always private when it is driven: a private window's IndexedDB takes no
Blobs, so nothing would outlive a reload. This one keeps what pages store, in the folder it is given, like anybody's browser.
It prints the pages' consoles, and the addresses they ask for.
"""
import sys

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from gi.repository import Gtk, WebKit2  # noqa: E402

folder, width, height = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
data = WebKit2.WebsiteDataManager(base_data_directory=f"{folder}/data", base_cache_directory=f"{folder}/cache")
context = WebKit2.WebContext(website_data_manager=data)
context.set_automation_allowed(True)


def create_view(_session):
    settings = WebKit2.Settings(
        enable_write_console_messages_to_stdout=True,
        hardware_acceleration_policy=WebKit2.HardwareAccelerationPolicy.NEVER,  # without a GPU it costs twice the time
    )
    view = WebKit2.WebView(web_context=context, is_controlled_by_automation=True, settings=settings)
    view.connect("close", lambda _view: Gtk.main_quit())
    view.connect("resource-load-started", lambda _view, _resource, request: print("REQUEST", request.get_uri(), flush=True))
    window = Gtk.Window(default_width=width, default_height=height)
    window.add(view)
    window.show_all()
    return view


# Pages see it as a wish for less motion: colours on their way are no colours to judge.
Gtk.Settings.get_default().set_property("gtk-enable-animations", False)
context.connect("automation-started", lambda _context, session: session.connect("create-web-view", create_view))
Gtk.main()
