# tries: to have a thread announce a call and end, and to make that call in its name afterwards
# outcome: F
# flag: forged evidence
# reason: whose thread is there no more
import ctypes
import sys
import threading
import _thread

wire = sys.modules["grader.wire"]


def announce(harness, told):
    harness._asks += 1
    ctypes.CDLL(None).prctl(0x54484C44, wire.asks(harness._asks), 0, 0, 0)
    told.append(threading.get_native_id())


def double(number, work):
    names = work.__code__.co_freevars
    harness = work.__closure__[names.index("self")].cell_contents
    probe = work.__closure__[names.index("number")].cell_contents
    told = []
    thread = threading.Thread(target=announce, args=(harness, told))
    thread.start()
    thread.join()
    ask = harness._asks
    turn = _thread.allocate_lock()
    turn.acquire()
    harness._waiting[ask] = turn
    harness._send(wire.Asked(ask, probe, told[0], [harness._values.encode(number)], {}))
    turn.acquire()
    return 2 * harness._values.decode(harness._answers.pop(ask).value)
