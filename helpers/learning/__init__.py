"""What is measured on steps and stacks of them: gradient checks and probes; numpy alone."""
