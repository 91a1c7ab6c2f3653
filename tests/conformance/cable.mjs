// A cable between a client and the gateway that can be pulled out and put back.
import { connect, createServer } from 'node:net';

export async function layCable(host, port) {
  const sockets = new Set();
  let cut = false;
  const server = createServer((inner) => {
    if (cut) return inner.destroy();
    const outer = connect(port, host);
    for (const socket of [inner, outer]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => { sockets.delete(socket); inner.destroy(); outer.destroy(); });
    }
    inner.pipe(outer).pipe(inner);
    return undefined;
  });
  // Below 32,768: GramJS's sessions keep ports as signed 16-bit numbers.
  for (let own = 20_000; ; own += 1) {
    try {
      await new Promise((done, failed) => server.once('error', failed).listen(own, '127.0.0.1', done));
      break;
    } catch (error) {
      if (error.code !== 'EADDRINUSE') throw error;
    }
  }
  server.unref();
  return {
    port: server.address().port,
    pull() {
      cut = true;
      for (const socket of sockets) socket.destroy();
    },
    restore() {
      cut = false;
    },
    close: () => server.close(),
  };
}
