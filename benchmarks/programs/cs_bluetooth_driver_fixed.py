"""cs_bluetooth_driver with the flag tested and the request counted in one step."""

import threading


class Device:
    def __init__(self):
        self.lock = threading.Lock()
        self.pending = 1  # the driver itself
        self.stopping = False
        self.stopping_event = False
        self.stopped = False

    def enter(self):
        with self.lock:
            if self.stopping:
                return False
            self.pending += 1
        return True

    def leave(self):
        with self.lock:
            self.pending -= 1
            if self.pending == 0:
                self.stopping_event = True

    def request(self):
        if self.enter():
            assert not self.stopped
            self.leave()

    def stop(self):
        with self.lock:
            self.stopping = True
        self.leave()
        if self.stopping_event:
            self.stopped = True


def scenario():
    """No request is at work on a device that has stopped."""
    device = Device()
    threads = [threading.Thread(target=target) for target in (device.stop, device.request)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
