// Tells the service supervisor how we are (systemd's sd_notify protocol). Without one: nothing.
#pragma once

#include <string_view>

namespace sallyport::gateway {

// "READY=1", "RELOADING=1\nMONOTONIC_USEC=...", "STOPPING=1", "MAINPID=123".
void notify_supervisor(std::string_view state);

}  // namespace sallyport::gateway
