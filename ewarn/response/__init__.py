"""What can be done: playbooks."""
