import { clockComplaint, clockReading } from './clock-skew';

const others = (...ahead: number[]) => ahead.map((aheadMs, index) => ({ name: `clock ${index}`, aheadMs, uncertaintyMs: 10 }));

describe('comparing clocks', () => {
  test.each([
    ['nobody to ask', []],
    ['all near', [3, -200, 40]],
    ['one of the others is wrong', [10, 20, 3_600_000]],
    ['one of two is wrong', [10, 301_000]],
    ['two are wrong, each its way', [-40_000, 40_000]],
    ['just within the bound', [5_005]],
  ])('%s: no complaint', (_name, ahead) => {
    expect(clockComplaint(others(...ahead))).toBeUndefined();
  });

  test.each([
    ['half a minute ahead', [31_000, 31_020, 30_990], '31.0 s ahead of that of clock 0'],
    ['an hour behind, and one of the others too', [-3_600_000, -3_600_001, 5], '3600.0 s behind'],
    ['one clock to compare with', [301_000], '301.0 s ahead'],
  ])('%s: a sentence that says what to look at', (_name, ahead, sentence) => {
    expect(clockComplaint(others(...ahead))).toContain(sentence);
    expect(clockComplaint(others(...ahead))).toContain('time synchronisation');
  });

  test('a slow answer counts as uncertain', () => {
    expect(clockReading('x', 1_000, 5_000, 15_000)).toEqual({ name: 'x', aheadMs: 9_000, uncertaintyMs: 5_000 });
    expect(clockComplaint([clockReading('x', 1_000, 5_000, 15_000)])).toBeUndefined();
  });
});
