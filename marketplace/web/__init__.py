"""How the chapters are served: pages, REST, errors, security, navigation. Only pages, api and app use it."""
