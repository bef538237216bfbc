"""One global recurrent network over all series of a panel: its defaults, its training, its rollout."""
