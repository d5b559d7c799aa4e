"""The simulation of a site, its visitors and its calls, as a tool."""
