"""What a dispatcher server does, shown: read these before you write one.

`handle` is a probe: it notes each call, and a held one keeps every caller until the test lets it go.
"""

from grader.testing import fault, rule


def running(student, handle):
    """Start a server of the student's; return it and the address it says it listens at."""
    server = student.make("DispatcherServer", handle)
    address = server.start()
    assert isinstance(address, tuple | list) and len(address) == 2, (
        "start() did not return a tuple of two, the host and the port"
    )
    return server, address


@rule("listens")
def test_start_returns_the_address_it_listens_at(student, probe, connect):
    handle = probe("handle", returns=b"reply")
    _, address = running(student, handle)
    assert isinstance(address, tuple), "start() returned a list; the address is a tuple, the host and the port"
    host, port = address
    assert host == "127.0.0.1", "start() did not return the host it listens at"
    assert type(port) is int and port != 0, "start() did not return the port it was given"
    client = connect((host, port))
    client.send(b"hello\n")
    handle.wait(1)


@rule("request", "reply", "closes")
def test_a_request_is_answered_and_the_connection_closed(student, probe, connect):
    handle = probe("handle", returns=b"HELLO")
    _, address = running(student, handle)
    client = connect(address)
    client.send(b"hello\n")
    assert client.receive_all() == b"HELLO\n", "the client did not get the reply and a newline"
    assert [list(call.args) for call in handle.calls] == [[b"hello"]], (
        "handle was not called once, with the line and without its newline"
    )


@rule("request")
def test_a_request_may_arrive_in_pieces(student, probe, connect):
    handle = probe("handle", returns=b"reply")
    _, address = running(student, handle)
    client = connect(address)
    for piece in (b"h", b"ell", b"o"):
        client.send(piece)
        student.settle()
    assert not handle.calls, "handle was called before the newline had arrived"
    client.send(b"\n")
    assert client.receive_all() == b"reply\n", "the client did not get its reply"
    assert [list(call.args) for call in handle.calls] == [[b"hello"]], "handle did not get the pieces put together"


@rule("slow-handle")
def test_a_slow_request_delays_nobody(student, probe, connect):
    handle = probe("handle", returns=b"reply", held=True)
    _, address = running(student, handle)
    slow = connect(address)
    slow.send(b"slow\n")
    handle.wait(1)
    quick = connect(address)
    quick.send(b"quick\n")
    handle.wait(2)
    handle.release(handle.calls[1])
    assert quick.receive_all() == b"reply\n", "the second client did not get its reply"
    assert slow.received == b"", "the first client was answered while its handle was running"
    handle.release(handle.calls[0])
    assert slow.receive_all() == b"reply\n", "the first client did not get its reply"


@rule("silent-client")
def test_a_silent_client_delays_nobody(student, probe, connect):
    handle = probe("handle", returns=b"reply")
    _, address = running(student, handle)
    silent = connect(address)
    client = connect(address)
    client.send(b"hello\n")
    assert client.receive_all() == b"reply\n", "the second client did not get its reply"
    assert silent.received == b"", "a client that asked for nothing was sent something"


@rule("own-thread")
def test_each_request_has_its_own_thread(student, probe, connect):
    handle = probe("handle", returns=b"reply", held=True)
    _, address = running(student, handle)
    for client in connect(address, 3):
        client.send(b"hello\n")
    handle.wait(3)
    assert len({call.thread for call in handle.calls}) == 3, "two requests shared a thread"
    assert not any(call.is_caller for call in handle.calls), "handle ran in the caller's thread"


@rule("handle-raises", "others-served")
def test_an_exception_of_handle_is_an_error_for_its_client(student, probe, connect):
    answers = {0: fault(ValueError, "boom"), 1: b"reply"}
    handle = probe("handle", answer=lambda arrival: answers.get(arrival.index))
    _, address = running(student, handle)
    first = connect(address)
    first.send(b"hello\n")
    assert first.receive_all() == b"error\n", "handle raised: its client did not get the error line"
    second = connect(address)
    second.send(b"hello\n")
    assert second.receive_all() == b"reply\n", "the next client did not get its reply"


@rule("stop-refuses", "stop-joins")
def test_stop_leaves_no_thread_and_no_listener(student, probe, connect):
    handle = probe("handle", returns=b"reply")
    server, address = running(student, handle)
    client = connect(address)
    client.send(b"hello\n")
    assert client.receive_all() == b"reply\n", "the client did not get its reply"
    server.stop()
    student.wait_threads(0)
    assert connect.refused(address), "a client could still connect after stop()"
