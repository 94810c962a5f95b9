"""What the other pages show: the situation, a region, sources, models, subscriptions."""
