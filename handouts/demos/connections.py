"""A page of twelve parts, over 1, 2 and 6 connections, from a site that answers only when nothing more is asked for.

Prints:
    over 1 connection: 12 rounds
    over 2 connections: 6 rounds
    over 6 connections: 2 rounds
"""

import queue
import threading

PARTS = 12


class Site:
    """Holds requests until as many have come as there are connections, or as there are parts left: that is a round."""

    def __init__(self, connections):
        self.connections, self.left, self.rounds = connections, PARTS, 0
        self.waiting, self.news = 0, threading.Condition()

    def get(self, part):
        with self.news:
            self.waiting += 1
            mine = self.rounds
            if self.waiting == min(self.connections, self.left):
                self.left -= self.waiting
                self.waiting = 0
                self.rounds += 1
                self.news.notify_all()
            self.news.wait_for(lambda: self.rounds > mine)
            return part


def load(site, connections):
    parts = queue.SimpleQueue()
    for part in [*range(PARTS), *[None] * connections]:
        parts.put(part)

    def one_connection():
        while (part := parts.get()) is not None:
            site.get(part)

    team = [threading.Thread(target=one_connection) for _ in range(connections)]
    for member in team:
        member.start()
    for member in team:
        member.join()


for connections in (1, 2, 6):
    site = Site(connections)
    load(site, connections)
    print(f"over {connections} connection{'s' * (connections > 1)}: {site.rounds} rounds")
