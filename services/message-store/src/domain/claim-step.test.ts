import { type Claim, claimStep, designated, type Member } from './claim-step';

const SILENT = 6;
const me = { replica: 0, life: 'me', replicas: 2, leaving: false };
const member = (change: Partial<Member> = {}): Member => ({ replica: 1, life: 'other', replicas: 2, leaving: false, silentLooks: 0, proven: true, ...change });
const claim = (change: Partial<Claim> = {}): Claim => ({ owner: 1, life: 'other', generation: 3, ...change });
const step = (change: Partial<Parameters<typeof claimStep>[0]>) => claimStep({ claim: undefined, running: false, target: 0, me, members: [member()], looks: 100, silentLooksMax: SILENT, ...change });

describe('who works on what', () => {
  test.each([
    ['nobody else', [], [0, 0, 0, 0]],
    ['two that serve', [member()], [0, 1, 0, 1]],
    ['the other is not proven to live', [member({ proven: false })], [0, 0, 0, 0]],
    ['the other is silent', [member({ silentLooks: SILENT })], [0, 0, 0, 0]],
    ['the other leaves', [member({ leaving: true })], [0, 0, 0, 0]],
    ['one was added and says so', [member(), member({ replica: 2, life: 'third', replicas: 3 })], [0, 1, 2, 0]],
    ['an earlier life of this one counts for nothing', [member({ replica: 0, life: 'before' })], [0, 0, 0, 0]],
  ])('%s', (_name, members, expected) => {
    expect([0, 1, 2, 3].map((number) => designated(number, me, members, SILENT))).toEqual(expected);
  });

  test('who leaves leaves all to the others', () => {
    expect([0, 1, 2].map((number) => designated(number, { ...me, leaving: true }, [member()], SILENT))).toEqual([1, 1, 1]);
    expect(designated(0, { ...me, leaving: true }, [], SILENT)).toBeUndefined();
  });
});

describe('what to do about it', () => {
  test.each([
    ['mine and running', { claim: claim({ owner: 0, life: 'me' }), running: true }, 'keep'],
    ['mine, not begun', { claim: claim({ owner: 0, life: 'me' }) }, 'begin'],
    ['mine, and another’s by now', { claim: claim({ owner: 0, life: 'me' }), running: true, target: 1 }, 'give'],
    ['mine, never begun, and another’s by now', { claim: claim({ owner: 0, life: 'me' }), target: 1 }, 'give'],
    ['mine, and nobody is there to take it', { claim: claim({ owner: 0, life: 'me' }), running: true, target: undefined }, 'give'],
    ['running here, taken by another', { claim: claim(), running: true }, 'drop'],
    ['running here, and nobody’s', { claim: claim({ life: undefined }), running: true }, 'drop'],
    ['another’s, as it should be', { claim: claim(), target: 1 }, 'none'],
    ['never claimed', {}, 'claim'],
    ['released', { claim: claim({ life: undefined }) }, 'claim'],
    ['held by one that lives', { claim: claim() }, 'expect'],
    ['held by one that was not seen to live yet', { claim: claim(), members: [member({ proven: false })] }, 'expect'],
    ['held by one that is silent', { claim: claim(), members: [member({ silentLooks: SILENT })] }, 'claim'],
    ['held by one without a row, just started', { claim: claim(), members: [], looks: 2 }, 'expect'],
    ['held by one without a row, watched for long', { claim: claim(), members: [], looks: SILENT }, 'claim'],
    ['held by an earlier process of this number', { claim: claim({ owner: 0, life: 'before' }), members: [member({ replica: 0, life: 'before', proven: false })], looks: 1 }, 'claim'],
    ['held by one of this number that lives', { claim: claim({ owner: 0, life: 'twin' }), members: [member({ replica: 0, life: 'twin' })] }, 'expect'],
  ] as const)('%s', (_name, change, expected) => {
    expect(step(change)).toBe(expected);
  });
});
