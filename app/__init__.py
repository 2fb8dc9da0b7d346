"""The shell: factory, settings, access, API, pages, command line, tasks. The only place that knows a framework."""
