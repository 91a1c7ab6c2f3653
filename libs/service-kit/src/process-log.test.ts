import { LOG_LIST_ENTRIES_MAX, LOG_TEXT_CHARACTERS_MAX } from './limits';
import { guarded, processLog, readable } from './process-log';

describe('log', () => {
  test.each([
    ['phone', '99966'], ['phoneNumber', '99966'], ['phone_code', '22222'], ['code', 5], ['password', 'x'], ['authKey', new Uint8Array(256)], ['key', 'k'], ['text', 'hello'], ['token', 't'], ['firstName', 'Ann'], ['ip', '192.0.2.1'], ['query', new Uint8Array(4)],
  ])('%s is never written', (name, value) => {
    expect(guarded({ [name]: value })).toEqual({ [name]: '[private]' });
    expect(guarded({ nested: { [name]: value } })).toEqual({ nested: { [name]: '[private]' } });
    expect(guarded({ list: [{ [name]: value }] })).toEqual({ list: [{ [name]: '[private]' }] });
  });

  test('ids, counts and bytes are written as what they are', () => {
    expect(guarded({ userId: 5n, count: 3, ok: true, none: null, bytes: new Uint8Array(7), keyId: 9n })).toEqual({ userId: '5', count: 3, ok: true, none: null, bytes: '[7 bytes]', keyId: '9' });
  });

  test('everything is bounded', () => {
    expect(String((guarded({ note: 'x'.repeat(1e6) }) as { note: string }).note).length).toBeLessThanOrEqual(LOG_TEXT_CHARACTERS_MAX + 1);
    expect((guarded({ list: Array.from({ length: 1000 }, () => 1) }) as { list: number[] }).list).toHaveLength(LOG_LIST_ENTRIES_MAX);
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    expect(JSON.stringify(guarded(loop))).toContain('[…]');
  });

  test('of an error: type, message, code, stack and cause, nothing else', () => {
    const error = Object.assign(new Error('no', { cause: new Error('why') }), { code: 'EIO', authKey: 'secret', port: 1 });
    const written = (guarded({ err: error }) as { err: Record<string, unknown> }).err;
    expect(written).toMatchObject({ type: 'Error', message: 'no', code: 'EIO', cause: { message: 'why' } });
    expect(Object.keys(written).sort()).toEqual(['cause', 'code', 'message', 'stack', 'type']);
  });

  test('records carry service, DC and trace', () => {
    const lines: string[] = [];
    const log = processLog({ level: 'info', format: 'json', write: (line) => void lines.push(line), activeTraceparent: () => `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` });
    log.of('users', 2).debug({}, 'quiet');
    log.of('users', 2).warn({ userId: 5n, phone: '1' }, 'odd');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] as string)).toMatchObject({ level: 'warn', service: 'users', dc: 2, message: 'odd', userId: '5', phone: '[private]', trace_id: 'a'.repeat(32), span_id: 'b'.repeat(16) });
  });

  test('a line for people', () => {
    expect(readable(JSON.stringify({ level: 'warn', time: '2026-01-02T03:04:05.678Z', service: 'users', dc: 2, message: 'odd', count: 3, name: 'x' }))).toBe('03:04:05.678 warn  users/2 odd count=3 name=x');
  });
});
