"""What the end-to-end tests are made of: the gateway's process, raw clients, scripted upstreams."""
