import { createServer, type Server } from 'node:net';
import type { TransportSettings } from '@heliograph/mtproto/transport/transport';
import type { GatewayConfig } from './config';
import type { Gateway } from './gateway';
import { LISTEN_BACKLOG_CONNECTIONS } from './limits';

/** Listening sockets; all speak every transport. */
export class Listener {
  private readonly servers: Server[] = [];
  private readonly settings: TransportSettings;

  constructor(private readonly gateway: Gateway, private readonly config: GatewayConfig) {
    this.settings = { trustProxy: config.proxyProtocol, secret: config.secret };
  }

  /** Resolves when all ports listen; rejects with the system's error, after closing those that did. */
  async listen(): Promise<void> {
    try {
      for (const port of this.config.ports) await this.open(port);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** No new connections from now on. */
  close(): void {
    for (const server of this.servers) server.close();
    this.servers.length = 0;
  }

  private open(port: number): Promise<void> {
    const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 120_000 }, (socket) => this.gateway.accept(socket, this.settings));
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, host: this.config.host, backlog: LISTEN_BACKLOG_CONNECTIONS }, () => {
        server.off('error', reject);
        // Running out of descriptors must not end the process; the connection is lost, the next may come through.
        server.on('error', () => undefined);
        this.servers.push(server);
        resolve();
      });
    });
  }
}
