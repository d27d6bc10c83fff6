"""What the public tests do not show: limits, hang-ups, every way to stop, 200 clients, speed-up.

The message of an assertion is all that a student sees of these tests.
"""

import sys

from grader.testing import fault, rule

LONGEST = 65_536


def running(student, handle, *where):
    """Start a server of the student's; return it and the address it says it listens at."""
    server = student.make("DispatcherServer", handle, *where)
    address = server.start()
    assert isinstance(address, tuple | list) and len(address) == 2, (
        "start() did not return a tuple of two, the host and the port"
    )
    return server, address


def request(call):
    """Return the one argument that handle was called with, or None if that is not how it was."""
    return call.args[0] if len(call.args) == 1 and not call.kwargs else None


def tagged(call):
    """A reply that tells which request it is for, whatever handle was called with."""
    line = request(call)
    return b"<" + line + b">" if isinstance(line, bytes) else b"not bytes"


def ask(address, connect, line):
    """Send a line as a new client, and return all that comes back until the connection ends."""
    client = connect(address)
    client.send(line + b"\n")
    answer = client.receive_all()
    client.close()
    return answer


def clients_at_once(world, address, lines):
    """As many clients of the world as there are lines; each sends its own."""
    clients = []
    for line in lines:
        with world.thread(f"client {len(clients) + 1}"):
            clients.append(world.client(address, line))
    return clients


def check_stopped(ran, stop):
    """Fails if stop() raised, or was not called because something before it did, or left a thread."""
    _ = ran[stop]
    assert ran.threads_after(stop) == 0, "stop() returned while a thread of the server's was not over"


# --- the address --------------------------------------------------------------------------------


@rule("listens")
def test_listens_at_the_host_and_port_given(student, probe, connect, free_port):
    handle = probe("handle", answer=tagged)
    host = "127.0.0.2" if sys.platform == "linux" else "127.0.0.1"
    _, address = running(student, handle, host, free_port)
    assert address == (host, free_port), "start() did not return the host and port asked for"
    assert ask((host, free_port), connect, b"a") == b"<a>\n", "nobody serves at the address asked for"


@rule("bad-argument")
def test_bad_arguments_are_refused(student, probe):
    handle = probe("handle")
    bad = [(None,), (b"reply",), (7,), (handle, 7)]
    bad += [(handle, "127.0.0.1", port) for port in (-1, 65_536, "80")]
    for arguments in bad:
        raised = student.error("DispatcherServer", *arguments)
        assert raised.is_a(TypeError) or raised.is_a(ValueError), (
            "a handle, host or port that cannot be was refused with another kind of exception"
        )
    assert student.threads == 0, "a thread was started although an argument was no good"
    student.make("DispatcherServer", handle, "127.0.0.1", 65_535)  # the last port is one


# --- the request and the reply --------------------------------------------------------------------


@rule("request", "closes", "rest-ignored")
def test_a_request_ends_at_the_first_newline(student, probe, connect):
    handle = probe("handle", answer=tagged)
    _, address = running(student, handle)
    client = connect(address)
    client.send(b"one\ntwo\nthree")
    assert client.receive_all() == b"<one>\n", (
        "one connection, two lines: the client got something else than one reply to the first"
    )
    client.close()
    student.settle()
    assert len(handle.calls) == 1, "one connection, two lines: handle was called more than once"


@rule("as-they-are", "request")
def test_a_request_is_neither_stripped_nor_decoded(student, probe, connect):
    handle = probe("handle", returns=b"reply")
    _, address = running(student, handle)
    lines = [
        b"",
        b"\r",
        b"GET /\r",
        b" \t spaces \x0b\x0c ",
        b"\x00\xff\xfe",
        "\u00e9\u2028\u0085".encode(),
        bytes(set(range(256)) - {ord("\n")}),
    ]
    for line in lines:
        assert ask(address, connect, line) == b"reply\n", "a client did not get its reply"
    assert [request(call) for call in handle.calls] == lines, "handle did not get the very bytes that were sent"


@rule("as-they-are", "reply")
def test_a_reply_is_neither_stripped_nor_encoded(student, probe, connect):
    replies = [b"", b"\r", b" a b ", b"two\nlines", b"ends\n", b"\x00\xff", b"error"]
    handle = probe("handle", answer=lambda call: replies[call.index % len(replies)])
    _, address = running(student, handle)
    for reply in replies:
        assert ask(address, connect, b"line") == reply + b"\n", (
            "the client did not get the very bytes that handle returned and a newline"
        )


@rule("reply", "closes")
def test_a_large_reply_arrives_whole(student, probe, connect):
    reply = b"0123456789abcdef" * 32_768
    handle = probe("handle", returns=reply)
    _, address = running(student, handle)
    client = connect(address)
    client.send(b"line\n")
    received = client.receive_all()
    assert len(received) == len(reply) + 1, "half a megabyte of reply did not arrive whole"
    assert received == reply + b"\n", "half a megabyte of reply arrived changed"


@rule("reply")
def test_each_client_gets_its_own_reply(student, probe, connect):
    handle = probe("handle", answer=tagged, held=True)
    _, address = running(student, handle)
    clients = connect(address, 4)
    for number, client in enumerate(clients):
        client.send(b"%d\n" % number)
        handle.wait(number + 1)
    for number in (2, 0, 3, 1):
        handle.release(handle.calls[number])
        assert clients[number].receive_all() == b"<%d>\n" % number, (
            "with several requests in flight, a client did not get the reply to its own"
        )


@rule("request-limit")
def test_the_longest_request_is_handled(student, probe, connect):
    handle = probe("handle", returns=b"reply")
    _, address = running(student, handle)
    line = b"x" * LONGEST
    assert ask(address, connect, line) == b"reply\n", "a request of the greatest length allowed was not answered"
    client = connect(address)
    client.send(line)
    student.settle()
    assert not client.closed, "a client was dropped before its request was too long"
    client.send(b"\n")
    assert client.receive_all() == b"reply\n", (
        "a request of the greatest length allowed, its newline sent later, was not answered"
    )
    assert [request(call) for call in handle.calls] == [line, line], (
        "handle did not get all of a request of the greatest length allowed"
    )


@rule("request-limit", "too-long")
def test_one_byte_too_many_is_dropped(student, probe, connect):
    handle = probe("handle", answer=tagged)
    _, address = running(student, handle)
    client = connect(address)
    client.send(b"x" * (LONGEST + 1) + b"\n")
    client.wait_closed()
    assert client.received == b"", "a client whose request is too long was sent something"
    assert not handle.calls, "handle was called although the request is too long"
    assert ask(address, connect, b"next") == b"<next>\n", "the next client was not served"


@rule("too-long")
def test_a_line_without_end_is_dropped(student, probe, connect):
    handle = probe("handle", answer=tagged)
    _, address = running(student, handle)
    client = connect(address)
    client.send(b"x" * LONGEST)
    student.settle()
    client.send(b"x")
    client.wait_closed()
    assert client.received == b"", "a client that sent a line without end was sent something"
    assert not handle.calls, "handle was called although no newline had come"
    assert ask(address, connect, b"next") == b"<next>\n", "the next client was not served"


# --- what comes after the newline -------------------------------------------------------------------


@rule("rest-costs-nothing")
def test_unread_bytes_do_not_cost_the_reply(student, probe, connect):
    reply = b"0123456789abcdef" * 1_024
    handle = probe("handle", returns=reply, held=True)
    _, address = running(student, handle)
    client = connect.slow(address)  # what it has not read when the connection is reset, it never gets
    client.send(b"line\n")
    handle.wait(1)
    client.send(b"and more\n" * 2_000)
    student.settle()
    handle.open()
    client.wait_dropped()
    received = client.receive_all()
    assert received == reply + b"\n", "a client that went on sending after its newline did not get the whole reply"
    assert not client.reset, "the connection of a client that went on sending was reset"


@rule("reply", "request")
def test_a_slow_client_gets_its_reply(world):
    reply = b"0123456789abcdef" * 20_000
    handle = world.probe("handle", returns=reply)
    server = world.make("DispatcherServer", handle)
    address = server.start()
    client = world.client(address, b"hel", b"lo\n", pause=20)
    stop = server.stop()
    ran = world.speedup()
    check_stopped(ran, stop)
    assert [call.args for call in ran.calls(handle)] == [(b"hello",)], (
        "a client sent the rest of its line 20 seconds later: handle was not called with the request"
    )
    assert ran.client(client) == ("closed", reply + b"\n"), (
        "a client began to read its reply 20 seconds later, and did not get all of it"
    )


@rule("rest-ignored", "rest-costs-nothing")
def test_megabytes_after_the_newline_are_ignored(student, probe, connect):
    handle = probe("handle", answer=tagged)
    _, address = running(student, handle)
    client = connect(address)
    client.send(b"he")
    student.settle()
    client.send(b"llo\n" + b"more\n" * 800_000)
    assert client.receive_line() == b"<hello>\n", "a client that sent megabytes after its request did not get its reply"
    client.close()
    assert ask(address, connect, b"next") == b"<next>\n", "the next client was not served"
    student.settle()
    assert len(handle.calls) == 2, "handle was called for bytes after the first newline"


# --- clients that hang up, and a handle that raises -----------------------------------------------


@rule("handle-raises")
def test_whatever_handle_raises_the_client_gets_the_error_line(student, probe, connect):
    kinds = (KeyError, OSError, ConnectionResetError, BrokenPipeError, TimeoutError, StopIteration)
    handle = probe("handle", answer=lambda call: fault(kinds[call.index % len(kinds)], "a\nb"))
    _, address = running(student, handle)
    for kind in kinds:
        assert ask(address, connect, b"line") == b"error\n", (
            f"handle raised {kind.__name__}: its client did not get the error line, and only that"
        )


@rule("others-served")
def test_an_exception_leaves_the_others_alone(student, probe, connect):
    handle = probe("handle", answer=tagged, held=True)
    _, address = running(student, handle)
    before, failing, after = clients = connect(address, 3)
    for number, client in enumerate(clients):
        client.send(b"%d\n" % number)
        handle.wait(number + 1)
    handle.release(handle.calls[1], raises=fault(RuntimeError, "boom"))
    assert failing.receive_all() == b"error\n", "handle raised: its client did not get the error line"
    handle.open()
    assert before.receive_all() == b"<0>\n", "a client served meanwhile did not get its reply"
    assert after.receive_all() == b"<2>\n", "a client served meanwhile did not get its reply"
    assert ask(address, connect, b"next") == b"<next>\n", "the next client was not served"


@rule("hang-up")
def test_a_client_that_leaves_with_half_a_line_is_dropped(student, probe, connect):
    handle = probe("handle", answer=tagged)
    _, address = running(student, handle)
    student.settle()
    idle = student.threads
    silent, half, broken, ended = connect(address, 4)
    for client in (half, broken, ended):
        client.send(b"half a li")
    student.settle()
    silent.close()
    half.close()
    broken.abort()
    ended.finish()
    student.settle()
    assert not handle.calls, "handle was called for a client that left before its newline"
    assert ended.receive_all() == b"", "a client that ended before its newline was sent something"
    student.wait_threads(idle)
    assert ask(address, connect, b"next") == b"<next>\n", "the next client was not served"


@rule("reply")
def test_a_client_may_end_its_side_after_the_newline(student, probe, connect):
    handle = probe("handle", answer=tagged, held=True)
    _, address = running(student, handle)
    client = connect(address)
    client.send(b"hello\n")
    client.finish()
    handle.wait(1)
    student.settle()
    handle.open()
    assert client.receive_all() == b"<hello>\n", (
        "a client that had nothing more to send after its newline did not get its reply"
    )


@rule("hang-up")
def test_a_client_that_leaves_while_it_is_served_harms_nobody(student, probe, connect):
    handle = probe("handle", answer=tagged, held=True)
    server, address = running(student, handle)
    student.settle()
    idle = student.threads
    leaving, broken = connect(address, 2)
    leaving.send(b"leaving\n")
    broken.send(b"broken\n")
    handle.wait(2)
    leaving.close()
    broken.abort()
    student.settle()
    handle.open()
    student.wait_threads(idle)
    assert ask(address, connect, b"next") == b"<next>\n", "the next client was not served"
    server.stop()


@rule("hang-up")
def test_a_client_that_has_left_before_it_is_accepted_harms_nobody(student, probe, connect):
    handle = probe("handle", answer=tagged)
    server, address = running(student, handle)
    connect.gone(address)
    student.settle()
    assert not handle.calls, "handle was called for a client that had sent nothing"
    for line in (b"one", b"two"):
        assert ask(address, connect, line) == b"<" + line + b">\n", "the next client was not served"
    server.stop()


# --- threads ----------------------------------------------------------------------------------------


@rule("own-thread", "communication-thread")
def test_a_thread_is_started_for_each_request(student, probe, connect):
    handle = probe("handle", answer=tagged, held=True)
    _, address = running(student, handle)
    student.settle()
    idle = student.threads
    for number in range(3):
        client = connect(address)
        client.send(b"line\n")
        handle.wait(number + 1)
        assert student.threads > idle, "no thread was started for the request"
        handle.release()
        assert client.receive_all() == b"<line>\n", "the client did not get its reply"
        client.close()
        student.settle()
    assert len({call.thread for call in handle.calls}) == 3, "a thread that had served one request served another one"


@rule("worker-gone")
def test_a_worker_is_gone_once_its_reply_is_sent(student, probe, connect):
    handle = probe("handle", answer=tagged, held=True)
    _, address = running(student, handle)
    student.settle()
    idle = student.threads
    clients = connect(address, 5)
    for client in clients:
        client.send(b"line\n")
    handle.wait(5)
    handle.open()
    for client in clients:
        assert client.receive_all() == b"<line>\n", "a client did not get its reply"
        client.close()
    student.wait_threads(idle)


@rule("worker-gone", "closes")
def test_a_client_that_stays_does_not_keep_its_worker(student, probe, connect):
    handle = probe("handle", answer=tagged)
    _, address = running(student, handle)
    student.settle()
    idle = student.threads
    client = connect(address)
    client.send(b"line\n")
    assert client.receive_all() == b"<line>\n", "the client did not get its reply"
    student.wait_threads(idle)
    client.wait_dropped()  # by whomever: the worker has gone


@rule("no-shared-state")
def test_two_servers_do_not_know_of_each_other(student, probe, connect):
    first_handle = probe("first_handle", answer=tagged, held=True)
    second_handle = probe("second_handle", returns=b"second")
    _, first_address = running(student, first_handle)
    second, second_address = running(student, second_handle)
    client, slow = connect(first_address, 2)
    client.send(b"line\n")
    first_handle.wait(1)
    student.settle()
    assert ask(second_address, connect, b"line") == b"second\n", (
        "with two servers, a client did not get the reply of its own"
    )
    second.stop()
    slow.send(b"slow\n")
    first_handle.wait(2)
    first_handle.open()
    assert client.receive_all() == b"<line>\n", "stopping one server cost a client of another"
    assert slow.receive_all() == b"<slow>\n", "stopping one server cost a client of another"
    assert ask(first_address, connect, b"next") == b"<next>\n", "one server stopped another"


# --- nobody is delayed ------------------------------------------------------------------------------


@rule("silent-client", "communication-thread")
def test_many_silent_clients_and_half_lines_delay_nobody(student, probe, connect):
    handle = probe("handle", answer=tagged)
    _, address = running(student, handle)
    waiting = []
    for number in range(20):
        silent, half = connect(address, 2)
        half.send(b"half ")
        waiting += [silent, half]
        assert ask(address, connect, b"%d" % number) == b"<%d>\n" % number, (
            "a client was not served while others had not sent a whole line"
        )
    for client in waiting:
        client.send(b"whole\n")
    for number, client in enumerate(waiting):
        assert client.receive_all() == (b"<half whole>\n" if number % 2 else b"<whole>\n"), (
            "a client that had taken its time over its line did not get its reply"
        )


@rule("silent-client", "communication-thread")
def test_silent_clients_cost_the_others_no_time(world):
    handle = world.probe("handle", how="tag")
    server = world.make("DispatcherServer", handle)
    address = server.start()
    for _ in range(4):
        world.client(address, b"before\n")
    clients_at_once(world, address, [b""] * 20)
    for _ in range(4):
        world.client(address, b"after\n")
    server.stop()
    ran = world.speedup()
    began = [call.began for call in ran.calls(handle)]
    assert len(began) == 8, "eight requests, and silent clients between them: handle was not called once for each"
    alone, among_them = began[3] - began[0], began[7] - began[3]
    assert among_them <= 2 * alone + 1, "while twenty clients were silent, the others had to wait for each of them"


@rule("silent-client", "reply")
def test_a_client_that_does_not_read_delays_nobody(world):
    handle = world.probe("handle", answers=[(b"large", b"x" * 300_000)], how="tag")  # more than can be on its way
    server = world.make("DispatcherServer", handle)
    address = server.start()
    with world.thread("client that does not read"):
        world.client(address, b"large\n", pause=20)
    for line in (b"one\n", b"two\n", b"three\n"):
        world.client(address, line)
    server.stop()
    ran = world.speedup()
    assert [call.began < 10 for call in ran.calls(handle)] == [True] * 4, (
        "a client did not read its reply for 20 seconds, and the others had to wait for it"
    )


@rule("slow-handle", "communication-thread")
def test_requests_that_are_there_already_delay_nobody(student, gate, connect):
    handle = gate("handle", answer=tagged)
    _, address = running(student, handle)
    for round_trip in range(1, 3):
        clients = connect.at_once(address, [b"one\n", b"two\n"])
        handle.wait_waiting(2)
        handle.release()
        assert [client.receive_all() for client in clients] == [b"<one>\n", b"<two>\n"], (
            "two clients whose requests were there before they were accepted did not both get their replies"
        )
        assert len(handle.calls) == 2 * round_trip, "handle was not called once for each request"


@rule("slow-handle", "communication-thread")
def test_slow_requests_delay_nobody(student, probe, connect):
    handle = probe("handle", answer=tagged, held=True)
    _, address = running(student, handle)
    slow = connect(address, 10)
    for number, client in enumerate(slow):
        client.send(b"slow\n")
        handle.wait(number + 1)
    for _ in range(3):
        quick = connect(address)
        quick.send(b"quick\n")
        handle.wait_waiting(11)
        handle.release(handle.waiting[-1])
        assert quick.receive_all() == b"<quick>\n", (
            "a client did not get its reply while the requests of others were slow"
        )
    handle.open()
    for client in slow:
        assert client.receive_all() == b"<slow>\n", "a client with a slow request got no reply"


@rule("holds-200")
def test_it_holds_200_clients_at_once(student, probe, connect):
    handle = probe("handle", answer=tagged, held=True)
    _, address = running(student, handle)
    clients = []
    for _ in range(40):  # five at a time: nothing is said about how many may queue up to be accepted
        clients += connect(address, 5)
        for number, client in enumerate(clients[-5:], start=len(clients) - 5):
            client.send(b"%d\n" % number)
        handle.wait_waiting(len(clients))
    handle.open()
    for number, client in enumerate(clients):
        assert client.receive_all() == b"<%d>\n" % number, "with 200 clients at once, one did not get its reply"


# --- stop -------------------------------------------------------------------------------------------


@rule("stop-finishes")
def test_stop_lets_requests_in_flight_finish(student, probe, connect):
    handle = probe("handle", answer=tagged, held=True)
    server, address = running(student, handle)
    quiet, chatty = connect(address, 2)
    for number, client in enumerate((quiet, chatty)):
        client.send(b"%d\n" % number)
        handle.wait(number + 1)
    chatty.send(b"and more")
    stop = server.begin("stop")
    student.settle()
    assert not stop.done, "stop() returned while handle was still running"
    handle.release(handle.calls[1])
    assert chatty.receive_all() == b"<1>\n", "a request in flight was not answered"
    student.settle()
    assert not stop.done, "stop() returned while handle was still running"
    handle.open()
    stop.result()
    assert quiet.receive_all() == b"<0>\n", "a request in flight was not answered"


@rule("stop-finishes", "stop-joins")
def test_stop_waits_for_a_request_of_a_minute(world):
    handle = world.probe("handle", how="tag", takes=[(b"long", 60), (b"short", 1)])
    server = world.make("DispatcherServer", handle)
    address = server.start()
    (client,) = clients_at_once(world, address, [b"long\n"])
    world.client(address, b"short\n")
    stop = server.stop()
    next_handle = world.probe("next_handle", how="tag")
    next_server = world.make("DispatcherServer", next_handle)
    world.client(next_server.start(), b"next\n")
    next_server.stop()
    ran = world.speedup()
    check_stopped(ran, stop)
    assert ran.client(client) == ("closed", b"<long>\n"), (
        "a request took a minute, and stop() came meanwhile: its client got no reply"
    )
    assert [call.began >= 60 for call in ran.calls(next_handle)] == [True], (
        "stop() returned while a request was still handled, which took a minute"
    )


@rule("stop-refuses")
def test_stop_serves_no_new_client_meanwhile(student, probe, connect):
    handle = probe("handle", answer=tagged, held=True)
    server, address = running(student, handle)
    client = connect(address)
    client.send(b"line\n")
    handle.wait(1)
    stop = server.begin("stop")
    student.settle()
    assert connect.turned_away(address), "a client that came after stop() had begun was neither refused nor closed"
    handle.open()
    stop.result()
    assert connect.refused(address), "a client could still connect after stop()"


@rule("stop-closes")
def test_stop_does_not_wait_for_those_who_have_not_asked(student, probe, connect):
    handle = probe("handle", answer=tagged)
    server, address = running(student, handle)
    clients = connect(address, 4)
    for client in clients[::2]:
        client.send(b"half a li")
    student.settle()
    server.stop()
    for client in clients:
        client.wait_closed()
        assert client.received == b"", "a client without a whole request was sent something"
    assert not handle.calls, "handle was called for half a line"


@rule("stop-refuses")
def test_stop_comes_to_an_end_while_clients_keep_coming(world):
    handle = world.probe("handle", how="tag", takes=0.02)
    server = world.make("DispatcherServer", handle)
    address = server.start()
    with world.thread("clients, one after the other"):
        clients = [world.client(address, b"line\n") for _ in range(20)]
    world.client(address, b"next\n")
    stop = server.stop()
    ran = world.speedup()
    check_stopped(ran, stop)
    assert ran.client(clients[0]) == ("closed", b"<line>\n"), "a client did not get its reply"
    assert ran.client(clients[-1])[0] == "refused", "clients came one after the other: stop() let all of them in"


@rule("stop-closes")
def test_stop_does_not_wait_for_a_line_that_goes_on_and_on(world):
    handle = world.probe("handle", how="tag", takes=1)
    server = world.make("DispatcherServer", handle)
    address = server.start()
    with world.thread("client whose line goes on and on"):
        endless = world.client(address, b"half", goes_on=b"x")
    world.client(address, b"next\n")
    stop = server.stop()
    ran = world.speedup()
    check_stopped(ran, stop)
    ending, reply = ran.client(endless)
    assert ending != "outlasted", "a client sent byte after byte, and no newline: stop() waited until it had had enough"
    assert reply == b"", "a client without a whole request was sent something"
    assert len(ran.calls(handle)) == 1, "handle was called for half a line"


@rule("stop-closes", "stop-finishes")
def test_stop_tells_the_busy_from_the_silent(student, probe, connect):
    handle = probe("handle", answer=tagged, held=True)
    server, address = running(student, handle)
    busy, silent, half = connect(address, 3)
    busy.send(b"busy\n")
    half.send(b"half a li")
    handle.wait(1)
    student.settle()
    stop = server.begin("stop")
    student.settle()
    assert not stop.done, "stop() returned while handle was still running"
    handle.open()
    stop.result()
    assert busy.receive_all() == b"<busy>\n", "a request in flight was not answered"
    for client in (silent, half):
        client.wait_closed()
        assert client.received == b"", "a client without a whole request was sent something"


@rule("stop-either")
def test_a_request_just_before_stop_is_answered_or_closed(student, probe, connect):
    handle = probe("handle", answer=tagged)
    server, address = running(student, handle)
    clients = connect(address, 8)
    for number, client in enumerate(clients):
        client.send(b"%d\n" % number)
    server.stop()
    answers = [client.receive_all() for client in clients]
    begun = [request(call) for call in handle.calls]
    for number, answer in enumerate(answers):
        if b"%d" % number in begun:
            assert answer == b"<%d>\n" % number, "handle had begun, but its client got no reply"
        else:
            assert answer == b"", "a client whose request was not handled was sent something"


@rule("stop-joins", "worker-gone")
def test_stop_joins_a_worker_that_has_answered(student, probe, connect):
    handle = probe("handle", answer=tagged, exit_held=True)
    server, address = running(student, handle)
    assert ask(address, connect, b"line") == b"<line>\n", "the client did not get its reply"
    handle.wait_exiting(1)
    stop = server.begin("stop")
    student.settle()
    assert not stop.done, "stop() returned before a worker's thread had ended: it was not joined"
    handle.release_exits()
    stop.result()
    student.wait_threads(0)


@rule("stop-port")
def test_a_new_server_can_bind_the_port_at_once(student, probe, connect):
    handle = probe("handle", answer=tagged, held=True)
    server, address = running(student, handle)
    answered, in_flight = connect(address, 2)
    answered.send(b"answered\n")
    handle.wait(1)
    handle.release()
    assert answered.receive_all() == b"<answered>\n", "the client did not get its reply"
    in_flight.send(b"in flight\n")
    handle.wait(2)
    stop = server.begin("stop")
    student.settle()
    handle.open()
    stop.result()
    _, again = running(student, handle, *address)
    assert again == address, "a new server was not given the port it asked for"
    assert ask(again, connect, b"new") == b"<new>\n", "a new server on the same port does not serve"


@rule("stop-twice")
def test_stop_may_be_called_twice(student, probe, connect):
    handle = probe("handle", answer=tagged)
    server, address = running(student, handle)
    assert ask(address, connect, b"line") == b"<line>\n", "the client did not get its reply"
    server.stop()
    server.stop()
    student.wait_threads(0)


# --- under every schedule ---------------------------------------------------------------------------
#
# Requests and stop() at once, with as few clients as can meet: the shorter a run, the better the search.


@rule("stop-finishes", "stop-either", "stop-joins")
def test_a_request_races_with_stop(world):
    handle = world.probe("handle", how="tag")
    server = world.make("DispatcherServer", handle)
    address = server.start()
    with world.thread("client"):
        client = world.client(address, b"a\n")
    with world.thread("caller of stop()"):
        stop = server.stop()

    @world.every_schedule(schedules=400)
    def check(ran):
        check_stopped(ran, stop)
        ending, reply = ran.client(client)
        if ran.calls(handle):
            assert (ending, reply) == ("closed", b"<a>\n"), (
                "stop() came while a request was served: handle had begun, but its client got no reply"
            )
        assert reply in (b"", b"<a>\n"), "stop() came while a request was served: its client got another reply"
        assert not reply or ran.calls(handle), "a client whose request was not handled was sent something"


@rule("stop-closes", "stop-joins")
def test_a_silent_client_races_with_stop(world):
    handle = world.probe("handle", how="tag")
    server = world.make("DispatcherServer", handle)
    address = server.start()
    with world.thread("silent client"):
        silent = world.client(address, b"half")
    with world.thread("caller of stop()"):
        stop = server.stop()

    @world.every_schedule(schedules=100)
    def check(ran):
        check_stopped(ran, stop)
        assert ran.client(silent)[1] == b"", "a client without a whole request was sent something"
        assert not ran.calls(handle), "handle was called for half a line"


@rule("stop-closes", "reply", "others-served")
def test_one_client_leaves_while_the_next_one_comes(world):
    handle = world.probe("handle", how="tag", takes=[(b"slow", 0.2)])
    server = world.make("DispatcherServer", handle)
    address = server.start()
    with world.thread("two clients"):
        quick = world.client(address, b"quick\n")
        silent = world.client(address, b"half")
    slow = world.client(address, b"slow\n")
    stop = server.stop()

    @world.every_schedule(schedules=240)
    def check(ran):
        check_stopped(ran, stop)
        assert ran.client(quick) == ("closed", b"<quick>\n"), "two clients at once: one did not get its own reply"
        assert ran.client(slow) == ("closed", b"<slow>\n"), "two clients at once: one did not get its own reply"
        assert ran.client(silent)[1] == b"", "a client without a whole request was sent something"
        assert len(ran.calls(handle)) == 2, "two requests: handle was not called once for each"


@rule("reply", "handle-raises", "others-served")
def test_two_requests_at_once_one_of_which_fails(world):
    handle = world.probe("handle", answers=[(b"b", fault(OSError, "boom"))], how="tag")
    server = world.make("DispatcherServer", handle)
    address = server.start()
    good, failing = clients_at_once(world, address, [b"a\n", b"b\n"])
    world.join()
    stop = server.stop()

    @world.every_schedule(schedules=240)
    def check(ran):
        check_stopped(ran, stop)
        assert ran.client(good) == ("closed", b"<a>\n"), "two clients at once: one did not get its own reply"
        assert ran.client(failing) == ("closed", b"error\n"), (
            "two clients at once: handle raised for one, which did not get the error line"
        )
        assert sorted(call.args for call in ran.calls(handle)) == [(b"a",), (b"b",)], (
            "two requests: handle was not called once for each"
        )


@rule("hang-up", "stop-joins")
def test_clients_that_hang_up_race_with_stop(world):
    handle = world.probe("handle", returns=b"x" * 250_000)  # more than can be on its way: sending it fails
    server = world.make("DispatcherServer", handle)
    address = server.start()
    for line in (b"a\n", b"b\n"):
        world.client(address, line, hangs_up=True)
    stop = server.stop()

    @world.every_schedule(schedules=160)
    def check(ran):
        check_stopped(ran, stop)
        lines = sorted(call.args for call in ran.calls(handle))
        assert lines in ([], [(b"a",)], [(b"b",)], [(b"a",), (b"b",)]), "handle was called twice for one request"


# --- speed-up ---------------------------------------------------------------------------------------


@rule("slow-handle")
def test_speedup_of_8_equal_requests(student, probe, connect, schedule):
    handle = probe("handle", answer=tagged, held=True)
    _, address = running(student, handle)
    for client in connect(address, 8):
        client.send(b"line\n")
    run = schedule(None, handle, cost=lambda _: 10)
    assert run.work == 80, "eight clients, eight requests: not every one was handled, once"
    assert run.speedup == 8, "eight requests of the same cost did not run side by side"


@rule("slow-handle")
def test_speedup_with_one_long_request(world):
    handle = world.probe("handle", how="tag", takes=[(b"long", 50), (b"short", 10)])
    server = world.make("DispatcherServer", handle)
    address = server.start()
    clients_at_once(world, address, [b"long\n"] + [b"short\n"] * 5)
    world.join()
    server.stop()
    ran = world.speedup()
    assert len(ran.calls(handle)) == 6, "six clients, six requests: not every one was handled, once"
    assert round(ran.makespan) == 50, "short requests had to wait for a long one"


@rule("slow-handle")
def test_speedup_on_4_cores(world):
    handle = world.probe("handle", how="tag", takes=10)
    server = world.make("DispatcherServer", handle)
    address = server.start()
    clients = clients_at_once(world, address, [b"line\n"] * 12)
    world.join()
    server.stop()
    ran = world.speedup(cores=4)
    assert [ran.client(client) for client in clients] == [("closed", b"<line>\n")] * 12, (
        "a client did not get its reply"
    )
    assert round(ran.makespan) == 30, "twelve requests did not keep four cores busy"
