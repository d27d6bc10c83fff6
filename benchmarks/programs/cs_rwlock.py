"""Read-write lock by hand (after SCTBench's CHESS set): the writer waits for the room and takes it in two steps."""
# bug: assertion
import threading


class ReadWriteLock:
    def __init__(self):
        self.changed = threading.Condition()
        self.readers = 0
        self.writing = False

    def start_reading(self):
        with self.changed:
            while self.writing:
                self.changed.wait()
            self.readers += 1

    def stop_reading(self):
        with self.changed:
            self.readers -= 1
            self.changed.notify_all()

    def start_writing(self):
        with self.changed:
            while self.writing or self.readers > 0:
                self.changed.wait()
        with self.changed:
            self.writing = True

    def stop_writing(self):
        with self.changed:
            self.writing = False
            self.changed.notify_all()


room = ReadWriteLock()
left = right = 0


def read():
    room.start_reading()
    assert left == right
    room.stop_reading()


def write():
    global left, right
    room.start_writing()
    left += 1
    right += 1
    room.stop_writing()


def scenario():
    """A reader sees both sides alike."""
    threads = [threading.Thread(target=target) for target in (read, write, read)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
