"""Routes that give alerts to other systems: CAP, Atom, and a stream of their changes."""
