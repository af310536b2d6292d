"""The certificate on the phone and its status list, as issued by the hub and as judged by anybody."""
