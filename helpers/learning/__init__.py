"""Models that are trained on the steps, and what is measured on stacks of them; numpy alone."""
