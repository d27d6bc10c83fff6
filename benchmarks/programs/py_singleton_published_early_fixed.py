"""py_singleton_published_early with the object completed before it is published."""

import threading

lock = threading.Lock()
instance = None


class Settings:
    def load(self):
        self.colour = "red"


def get_instance():
    global instance
    if instance is None:
        with lock:
            if instance is None:
                settings = Settings()
                settings.load()
                instance = settings
    return instance


def use():
    assert get_instance().colour == "red"


def scenario():
    """Whoever gets the settings finds them loaded."""
    threads = [threading.Thread(target=use) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
