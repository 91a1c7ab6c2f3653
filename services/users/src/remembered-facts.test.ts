import { fakeClock } from '@heliograph/testing/fake-clock';
import { VIEW_FACTS_FRESH_MS, VIEW_FACTS_MAX } from './limits';
import { FactsMemory, type RememberedFacts } from './remembered-facts';

const facts: RememberedFacts = { profile: { first_name: 'Ada', last_name: '', phone: '1' }, username: '', bot: false, deleted: false, saved: undefined, viewerIsContact: false };

describe('what is remembered of how users look', () => {
  const clock = fakeClock();
  let memory: FactsMemory;
  beforeEach(() => {
    memory = new FactsMemory(clock);
    memory.remember(1, 2, facts, clock.now());
  });

  it('serves for a while, to the same viewer', async () => {
    expect([memory.find(1, 2), memory.find(2, 1)]).toEqual([facts, undefined]);
    await clock.advance(VIEW_FACTS_FRESH_MS);
    expect(memory.find(1, 2)).toBeUndefined();
  });

  it('is forgotten when the user, or the viewer, has changed, and when that was while they were read', async () => {
    for (const changed of [1, 2]) {
      const asked = clock.now();
      await clock.advance(1);
      memory.changed([changed]);
      memory.remember(1, 2, facts, asked);
      expect(memory.find(1, 2)).toBeUndefined();
      await clock.advance(1);
      memory.remember(1, 2, facts, clock.now());
      expect(memory.find(1, 2)).toBe(facts);
    }
  });

  it('is forgotten as a whole when too many change', () => {
    memory.changed(Array.from({ length: VIEW_FACTS_MAX + 1 }, (_, user) => 1_000 + user));
    expect(memory.find(1, 2)).toBeUndefined();
    memory.remember(1, 2, facts, clock.now());
    expect(memory.find(1, 2)).toBeUndefined();
  });
});
