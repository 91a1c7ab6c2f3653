import type { Kit } from './kit';
import { HTTP_ENDPOINTS_MAX } from './limits';

export type HttpHandler = Parameters<Kit['http']>[2];
export type HttpRequest = Parameters<HttpHandler>[0];
export type HttpResponse = Awaited<ReturnType<HttpHandler>> & { headers?: Record<string, string> };

export interface Endpoint {
  method: 'GET' | 'POST';
  path: string;
  dc: number;
  service: string;
  handler(request: HttpRequest): Promise<HttpResponse>;
}

/** The HTTP endpoints that the services of a process registered, one handler per DC, method and path. */
export class Endpoints {
  private readonly all: Endpoint[] = [];

  add(endpoint: Endpoint): void {
    if (!/^\/[a-z0-9/._-]*$/.test(endpoint.path)) throw new Error(`${endpoint.service}: "${endpoint.path}" is not a path of lower-case words`);
    if (this.all.some((other) => other.dc === endpoint.dc && other.method === endpoint.method && other.path === endpoint.path)) {
      throw new Error(`${endpoint.service}: ${endpoint.method} ${endpoint.path} is registered twice`);
    }
    if (this.all.length >= HTTP_ENDPOINTS_MAX) throw new Error(`more than ${HTTP_ENDPOINTS_MAX} HTTP endpoints`);
    this.all.push(endpoint);
  }

  has(path: string): boolean {
    return this.all.some((endpoint) => endpoint.path === path);
  }

  /**
   * Answers a request; undefined when nobody registered its path. Several DCs of one process register the same path:
   * lists are joined, newest first by their `date`; else the first answer below 400 counts, else the first that is no 404.
   */
  async answer(method: string, path: string, request: HttpRequest): Promise<HttpResponse | undefined> {
    const matching = this.all.filter((endpoint) => endpoint.path === path);
    if (matching.length === 0) return undefined;
    const allowed = matching.filter((endpoint) => endpoint.method === method);
    if (allowed.length === 0) return { status: 405, body: { error: `${path} answers ${[...new Set(matching.map((endpoint) => endpoint.method))].join(', ')}` } };
    const answers = await Promise.all(allowed.map((endpoint) => endpoint.handler(request)));
    const good = answers.filter((answer) => answer.status < 400);
    const lists = good.filter((answer) => Array.isArray(answer.body));
    if (answers.length > 1 && lists.length === good.length && lists.length > 0) {
      const date = (entry: unknown): number => Number(new Date((entry as { date?: string | number } | null)?.date ?? 0));
      return { ...(lists[0] as HttpResponse), body: lists.flatMap((answer) => answer.body as unknown[]).sort((a, b) => date(b) - date(a)) };
    }
    return good[0] ?? answers.find((answer) => answer.status !== 404) ?? answers[0];
  }
}
