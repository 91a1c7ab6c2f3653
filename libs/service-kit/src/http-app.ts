import 'reflect-metadata';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { All, Controller, type DynamicModule, Get, Inject, Injectable, Module, type INestApplication, Req, Res, type BeforeApplicationShutdown } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Endpoints, HttpResponse } from './endpoints';
import type { Logger } from './kit';
import { HTTP_BODY_BYTES_MAX, HTTP_TIMEOUT_MS } from './limits';
import type { ServiceHost } from './service-host';
import { SERVICE_HOST } from './service-module';

const OPTIONS = Symbol('HttpAppOptions');

export interface HttpAppOptions {
  host: ServiceHost;
  endpoints: Endpoints;
  /** What the server was told to listen on. */
  hostname: string;
  log: Logger;
  modules: DynamicModule[];
}

/** Ties the life of the services to Nest's: they begin to compose while the application boots (service-module.ts) and drain before it closes. */
@Injectable()
class Lifecycle implements BeforeApplicationShutdown {
  constructor(@Inject(OPTIONS) private readonly options: HttpAppOptions) {}

  async beforeApplicationShutdown(): Promise<void> {
    await this.options.host.drain();
  }
}

/** Health for probes, and the endpoints that services registered. */
@Controller()
class HttpController {
  constructor(@Inject(OPTIONS) private readonly options: HttpAppOptions) {}

  /** Alive: the event loop turns. */
  @Get('healthz')
  health(): { status: string } {
    return { status: 'ok' };
  }

  /** 200 when every service can take calls, else 503 with the reasons. */
  @Get('readyz')
  ready(@Res() response: ServerResponse): void {
    const reasons = this.options.host.unready();
    send(response, { status: reasons.length === 0 ? 200 : 503, body: { status: reasons.length === 0 ? 'ready' : 'not ready', reasons } });
  }

  @All('*path')
  async other(@Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    const { path, query } = targetOf(request.url ?? '/');
    if (path.startsWith('/dev/') && !isOwnName(request.headers.host ?? '', this.options.hostname)) {
      return send(response, { status: 403, body: { error: 'ask by an address or localhost, not by another name' } });
    }
    try {
      const body = await bodyOf(request);
      if (body === undefined) return send(response, { status: 413, body: { error: `a body has at most ${HTTP_BODY_BYTES_MAX} bytes` } });
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]));
      const answer = await withinTime(this.options.endpoints.answer(request.method === 'HEAD' ? 'GET' : request.method ?? 'GET', path, { query, body, headers }));
      send(response, answer ?? { status: 404, body: { error: `nothing is served at ${path}` } });
    } catch (error) {
      // The client went away in the middle of its body: nobody waits for an answer.
      if (!request.complete) return;
      this.options.log.error({ err: error, path }, 'HTTP endpoint failed');
      send(response, { status: 500, body: { error: 'internal error; the log says more' } });
    }
  }
}

/** Path and query as they were sent. Nothing is resolved: `//x` is a path that nobody serves, not another host. */
function targetOf(target: string): { path: string; query: URLSearchParams } {
  const mark = target.indexOf('?');
  return mark < 0 ? { path: target, query: new URLSearchParams() } : { path: target.slice(0, mark), query: new URLSearchParams(target.slice(mark + 1)) };
}

/**
 * Whether a request names this server by an address, localhost or the name that it was told to listen on. A page of a site whose
 * name was made to resolve to this machine names that site instead; it must not read login codes.
 */
export function isOwnName(host: string, configured: string): boolean {
  const name = host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost') || name === configured.toLowerCase();
}

@Module({})
class HttpModule {}

/** The process's one HTTP server, as a Nest application that is not listening yet. */
export async function createHttpApp(options: HttpAppOptions): Promise<INestApplication> {
  const module: DynamicModule = {
    module: HttpModule,
    imports: options.modules,
    global: true,
    controllers: [HttpController],
    providers: [{ provide: OPTIONS, useValue: options }, { provide: SERVICE_HOST, useValue: options.host }, Lifecycle],
    exports: [SERVICE_HOST],
  };
  const { log } = options;
  const app = await NestFactory.create<NestExpressApplication>(module, {
    abortOnError: false,
    bodyParser: false,
    // Nest tells of each module and route at its levels `log` and below; that is noise here.
    logger: {
      log() {},
      debug() {},
      verbose() {},
      warn: (message: string) => log.warn({}, String(message)),
      error: (message: string) => log.error({}, String(message)),
      fatal: (message: string) => log.error({}, String(message)),
    },
  });
  app.disable('x-powered-by');
  return app;
}

async function withinTime(answer: Promise<HttpResponse | undefined>): Promise<HttpResponse | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<HttpResponse>((resolve) => {
    timer = setTimeout(() => resolve({ status: 504, body: { error: `no answer within ${HTTP_TIMEOUT_MS} ms` } }), HTTP_TIMEOUT_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** undefined when it is too large. */
async function bodyOf(request: IncomingMessage): Promise<Uint8Array | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > HTTP_BODY_BYTES_MAX) return undefined;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > HTTP_BODY_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, { status, body, contentType, headers }: HttpResponse): void {
  if (response.headersSent) return;
  const bytes = body instanceof Uint8Array ? body
    : typeof body === 'string' && contentType !== undefined ? Buffer.from(body)
    : Buffer.from(`${JSON.stringify(body ?? null, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value), 2)}\n`);
  response.writeHead(status, {
    'content-type': contentType ?? (body instanceof Uint8Array ? 'application/octet-stream' : 'application/json; charset=utf-8'),
    'content-length': bytes.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  response.end(bytes);
}
