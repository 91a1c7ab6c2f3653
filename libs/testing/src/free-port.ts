import { createServer } from 'node:net';

/** TCP ports on 127.0.0.1 that nobody listens on at this moment; different from each other. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => new Promise<{ port: number; close(): Promise<void> }>((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') return reject(new Error('no port'));
      resolve({ port: address.port, close: () => new Promise((done) => server.close(() => done())) });
    });
  })));
  await Promise.all(servers.map((server) => server.close()));
  return servers.map((server) => server.port);
}

export async function freePort(): Promise<number> {
  return (await freePorts(1))[0] as number;
}

/** Whether one may listen on that port of 127.0.0.1 now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
