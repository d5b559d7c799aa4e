"""What ``make run`` shows: a legacy site behind the proxy, three visitors, a bot, and a call."""
