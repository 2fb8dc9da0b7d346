"""Starting and keeping the processes of one installation: `make run`. See docs/decisions/0001."""
