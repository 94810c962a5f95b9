"""How a request finds its route, and what is checked before the route answers."""
