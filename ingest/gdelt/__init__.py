"""GDELT: what the news of the world says, coded by software."""
