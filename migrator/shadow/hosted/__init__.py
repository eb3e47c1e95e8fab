"""The HTTP interfaces of systems that are somebody's service: how they are asked, and their errors as ours."""
