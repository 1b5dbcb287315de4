"""The sync client: the asyncio client, run by a thread of its own."""
