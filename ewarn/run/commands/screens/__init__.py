"""Commands that show the state of the service on a screen: what an operator or analyst reads."""
