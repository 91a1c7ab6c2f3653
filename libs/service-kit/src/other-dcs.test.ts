import { CallError } from './call-error';
import { OTHER_DC_REST_MS } from './limits';
import { OtherDcs } from './other-dcs';

const down = (): Promise<never> => Promise.reject(new CallError('UNAVAILABLE', 'down'));
const up = (): Promise<string> => Promise.resolve('up');

test('a data center that does not answer is left alone for a while, then asked by one call at a time', async () => {
  let now = 1_000;
  const others = new OtherDcs({ now: () => now });
  await expect(others.call(1, down)).rejects.toThrow('down');
  await expect(others.call(1, up)).rejects.toThrow('did not answer lately');
  expect(await others.call(3, up)).toBe('up');

  now += OTHER_DC_REST_MS;
  let answer: (value: string) => void = () => {};
  const probe = others.call(1, () => new Promise<string>((resolve) => (answer = resolve)));
  await expect(others.call(1, up)).rejects.toThrow('did not answer lately');
  answer('back');
  expect(await probe).toBe('back');
  expect(await others.call(1, up)).toBe('up');
});

test('an error that was answered is no silence', async () => {
  const others = new OtherDcs({ now: () => 0 });
  await expect(others.call(1, () => Promise.reject(new CallError('NOT_FOUND', 'none')))).rejects.toThrow('none');
  expect(await others.call(1, up)).toBe('up');
});
