import pytest, time
@pytest.mark.parametrize("backlog,n", [(1,50),(5,50),(5,200),(0,20)])
def test_x(lab, backlog, n):
    source = f"""
        import socket, threading

        def run():
            listener = socket.socket()
            listener.bind(("127.0.0.1", 0))
            listener.listen({backlog})
            threading.Thread(target=serve, args=(listener,)).start()
            return listener.getsockname()

        def answer(connection):
            connection.sendall(connection.recv(100).upper())
            connection.close()

        def serve(listener):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=answer, args=(connection,)).start()
    """
    opened = lab(source, idle_seconds=5.0)
    t=time.time()
    try:
        clients = opened.connect()(opened.student.run(), n)
        print("connected", time.time()-t)
        for client in clients:
            client.send(b"hello\n")
        for client in clients: client.receive_all()
    except BaseException as e: print(str(e)[:300])
    print(backlog, n, time.time()-t)
