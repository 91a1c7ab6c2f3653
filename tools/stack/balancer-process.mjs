// One balancer as a process: node balancer-process.mjs '<JSON of openBalancer's options, with http: { host, port } for its own health>'
import { createServer } from 'node:http';
import { openBalancer } from './balancer.mjs';

const { http, ...options } = JSON.parse(process.argv[2]);
const log = (line) => console.error(`${new Date().toISOString()} ${line}`);
const balancer = await openBalancer({ ...options, log });
const health = createServer((_request, response) => {
  response.writeHead(balancer.ready() ? 200 : 503, { 'content-type': 'application/json' }).end(`${JSON.stringify({ reasons: balancer.ready() ? [] : ['no gateway is ready'], backends: balancer.status() })}\n`);
}).listen(http.port, http.host);
process.once('SIGTERM', () => {
  health.close();
  health.closeAllConnections();
  void balancer.close().then(() => process.exit(0));
});
log(`listening on ${options.listen.host}:${balancer.port}`);
