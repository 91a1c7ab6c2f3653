// The stack's HTTP side: what clients and tests need to connect, and the login codes that no SMS carries.
import { createServer, get } from 'node:http';
import { isIP } from 'node:net';

/** Time that a process may take to answer. */
const ASK_MS = 5000;

/**
 * @param {object} options
 * @param {{ host: string, port: number }} options.listen
 * @param {() => Promise<object>} options.connect makes /connect.json
 * @param {() => string[]} options.outboxes URLs of /dev/outbox of the processes that write codes
 * @param {() => Promise<{ ready: boolean, reasons: string[] }>} options.readiness
 */
export async function openFront({ listen, connect, outboxes, readiness }) {
  const server = createServer((request, response) => {
    answer(request).then(({ status, body, headers }) => {
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', ...headers }).end(`${JSON.stringify(body, undefined, 2)}\n`);
    }, (error) => response.writeHead(502, { 'content-type': 'application/json' }).end(`${JSON.stringify({ error: error.message })}\n`));
  });
  const answer = async (request) => {
    const mark = request.url.indexOf('?');
    const path = mark < 0 ? request.url : request.url.slice(0, mark);
    if (request.method !== 'GET' && request.method !== 'HEAD') return { status: 405, body: { error: 'only GET' } };
    switch (path) {
      // Readable from pages of other origins: web clients connect by WebSocket.
      case '/connect.json': return { status: 200, body: await connect(), headers: { 'access-control-allow-origin': '*' } };
      case '/healthz': return { status: 200, body: { status: 'ok' } };
      case '/readyz': {
        const { ready, reasons } = await readiness();
        return { status: ready ? 200 : 503, body: { status: ready ? 'ready' : 'not ready', reasons } };
      }
      case '/dev/outbox': {
        // A page of a site whose name was made to resolve to this machine must not read login codes.
        if (!isOwnName(request.headers.host ?? '')) return { status: 403, body: { error: 'ask by an address or localhost, not by another name' } };
        return { status: 200, body: await mergedOutbox(outboxes(), mark < 0 ? '' : request.url.slice(mark)) };
      }
      default: return { status: 404, body: { error: `nothing is served at ${path}` } };
    }
  };
  await new Promise((listening, failed) => server.once('error', failed).listen(listen.port, listen.host, listening));
  return {
    port: server.address().port,
    close: () => new Promise((closed) => {
      server.close(closed);
      server.closeAllConnections();
    }),
  };
}

function isOwnName(host) {
  const name = host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost');
}

/** Codes of all processes, newest first. A process that does not answer has none to show. */
async function mergedOutbox(urls, query) {
  const lists = await Promise.all(urls.map((url) => askJson(`${url}${query}`).catch(() => [])));
  const time = (entry) => Number(new Date(entry.at ?? entry.date ?? 0));
  return lists.flat().sort((one, other) => time(other) - time(one));
}

/** Asks a process of the stack over HTTP. @throws when it does not answer 200 in time */
export function askJson(url, timeoutMs = ASK_MS) {
  return new Promise((done, failed) => {
    const asked = get(url, { timeout: timeoutMs, agent: false }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk)).on('error', failed).on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        if (response.statusCode !== 200) failed(Object.assign(new Error(`${url} answers ${response.statusCode}`), { text }));
        else done(JSON.parse(text));
      });
    });
    asked.on('timeout', () => asked.destroy(new Error(`${url} did not answer`))).on('error', failed);
  });
}
