import { Endpoints, type HttpRequest } from './endpoints';

const request: HttpRequest = { query: new URLSearchParams(), body: new Uint8Array(), headers: {} };
const at = (dc: number, path: string, body: unknown, status = 200) => ({ method: 'GET' as const, path, dc, service: 'x', handler: async () => ({ status, body }) });

describe('HTTP endpoints', () => {
  test('nobody’s path, a wrong method, a path registered twice', async () => {
    const endpoints = new Endpoints();
    endpoints.add(at(1, '/a', 1));
    expect(await endpoints.answer('GET', '/b', request)).toBeUndefined();
    expect(await endpoints.answer('POST', '/a', request)).toMatchObject({ status: 405 });
    expect(() => endpoints.add(at(1, '/a', 1))).toThrow('registered twice');
    expect(() => endpoints.add(at(1, 'a', 1))).toThrow('not a path');
  });

  test('lists of several DCs are joined, newest first', async () => {
    const endpoints = new Endpoints();
    endpoints.add(at(1, '/outbox', [{ date: 1, id: 'a' }, { date: 3, id: 'c' }]));
    endpoints.add(at(2, '/outbox', [{ date: 2, id: 'b' }]));
    expect((await endpoints.answer('GET', '/outbox', request))?.body).toEqual([{ date: 3, id: 'c' }, { date: 2, id: 'b' }, { date: 1, id: 'a' }]);
  });

  test('of other answers the first good one counts', async () => {
    const endpoints = new Endpoints();
    endpoints.add(at(1, '/file', { error: 'none' }, 404));
    endpoints.add(at(2, '/file', 'x'));
    expect(await endpoints.answer('GET', '/file', request)).toEqual({ status: 200, body: 'x' });
  });
});
