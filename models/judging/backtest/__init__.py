"""Running a back-test: the plan, the refits, and their scores."""
