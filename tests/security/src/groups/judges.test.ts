import { compareMedians, percentileOf } from '../timing';
import { judgePlace } from './access';
import { judgeAct } from './rights';
import { judgeLoad } from './floods';
import { faultOf } from './tl';

describe('judgePlace', () => {
  const judge = (outcomes: Record<string, string>, read = true, control = 'a result of 100 bytes'): string[] => judgePlace({ place: 'peer', control, outcomes: new Map(Object.entries(outcomes)) }, read);

  test('one refusal for all is fine', () => expect(judge({ foreign: '400 PEER_ID_INVALID', unknown: '400 PEER_ID_INVALID' })).toEqual([]));
  test('finds a hash that is never compared', () => expect(judge({ foreign: 'a result of 100 bytes', unknown: 'a result of 100 bytes' })).toHaveLength(1));
  test('finds an existing user that is refused in another way', () => expect(judge({ foreign: '400 USER_PRIVACY_RESTRICTED', unknown: '400 PEER_ID_INVALID' })).toHaveLength(1));
  test('finds an answer whose size tells who exists', () => expect(judge({ foreign: 'a result of 8 bytes', unknown: 'a result of 12 bytes' }, false)).toHaveLength(1));
  test('lets a place be that nobody reads', () => expect(judge({ foreign: 'a result of 8 bytes', unknown: 'a result of 8 bytes' }, false)).toEqual([]));
});

describe('judgeAct', () => {
  const refused = (type: string, code = 400) => ({ error: { code, type } });
  const done = { result: Buffer.alloc(8) };

  test('what is allowed and done, or changes nothing, is fine', () => expect([judgeAct('member', 'send', true, done), judgeAct('member', 'title', true, refused('CHAT_NOT_MODIFIED'))]).toEqual([undefined, undefined]));
  test('a refusal by its name is fine', () => expect(judgeAct('member', 'title', false, refused('CHAT_ADMIN_REQUIRED'), /^CHAT_ADMIN_REQUIRED$/)).toBeUndefined());
  test('finds who may not and can', () => expect(judgeAct('removed', 'send', false, done)).toContain('may not'));
  test('finds who may and cannot', () => expect(judgeAct('admin', 'pin', true, refused('CHAT_ADMIN_REQUIRED'))).toContain('may, and got'));
  test('finds a refusal by another name', () => expect(judgeAct('member', 'title', false, refused('PEER_ID_INVALID'), /^CHAT_ADMIN_REQUIRED$/)).toContain('refused with'));
  test('finds a failure of the server, whoever asked', () => expect(judgeAct('removed', 'send', false, refused('INTERNAL', 500))).toContain('500'));
});

describe('faultOf', () => {
  const of = (code: number, type: string): string | undefined => faultOf({ error: { code, type } });

  test.each([[400, 'PEER_ID_INVALID'], [420, 'FLOOD_WAIT_17'], [401, 'AUTH_KEY_UNREGISTERED'], [400, 'INPUT_CONSTRUCTOR_INVALID_DEADBEEF'], [303, 'PHONE_MIGRATE_1']])('%i %s is an answer', (code, type) => expect(of(code, type)).toBeUndefined());
  test.each([[500, 'INTERNAL'], [400, 'INTERNAL'], [503, 'TIMEOUT'], [400, 'Cannot read properties of undefined'], [200, 'OK']])('%i %s is a fault', (code, type) => expect(of(code, type)).toBeDefined());
});

describe('timing', () => {
  const around = (ms: number): number[] => Array.from({ length: 101 }, (_, index) => ms + (index - 50) / 1_000);

  test('percentiles', () => expect([percentileOf(around(5), 0.5), percentileOf([1, 2, 3], 0.99)]).toEqual([5, 3]));
  test('medians that lie together are fine', () => expect(() => compareMedians([{ name: 'a', times: around(1) }, { name: 'b', times: around(1.2) }], 1.5)).not.toThrow());
  test('finds a check that ends early', () => expect(() => compareMedians([{ name: 'a', times: around(1) }, { name: 'b', times: around(2) }], 1.5)).toThrow('b takes 2.00 ms, a 1.00 ms'));
});

describe('judgeLoad', () => {
  const phase = (ms: number, failures: string[] = []): Parameters<typeof judgeLoad>[1] => ({ acknowledged: Array.from({ length: 100 }, () => ms), delivered: Array.from({ length: 100 }, () => ms + 1), failures });

  test('a load that bears the flood', () => expect(judgeLoad([phase(10), phase(12)], phase(20))).toContain('p99'));
  test('finds a p99 that more than doubles', () => expect(() => judgeLoad([phase(10), phase(12)], phase(90))).toThrow('acknowledged: p99 of 90.0 ms'));
  test('finds a lost message', () => expect(() => judgeLoad([phase(10)], phase(10, ['load-7-end did not arrive']))).toThrow());
  test('finds a load that stood still', () => expect(() => judgeLoad([phase(10)], { acknowledged: [], delivered: [], failures: [] })).toThrow('no message was sent'));
});
