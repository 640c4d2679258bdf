"""The core: domain, pure engine, gateway, brokers and runtime."""
