import { messageState } from './message-state';

test.each([
  ['forgotten', { received: 'too-old', aboveAll: false, running: false, answered: false }, 1],
  ['in a gap', { received: 'new', aboveAll: false, running: false, answered: false }, 2],
  ['still to come', { received: 'new', aboveAll: true, running: false, answered: false }, 3],
  ['received', { received: 'duplicate', aboveAll: false, running: false, answered: false }, 4],
  ['running', { received: 'duplicate', aboveAll: false, running: true, answered: false }, 36],
  ['answered', { received: 'duplicate', aboveAll: false, running: false, answered: true }, 68],
] as const)('a message that is %s', (_, facts, state) => {
  expect(messageState(facts)).toBe(state);
});
