"""The pure core: events in, limits and commands out.

No I/O, no clock, no asyncio, no randomness, no floats. Time arrives in the events. Given the same
inputs it gives the same outputs, bit for bit, on any machine.
"""
