"""What the commands of the command line do; `ewarn.run.cli` only names them."""
