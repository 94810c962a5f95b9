"""How good scores were: the rolling test, its figures with intervals, and its report."""
