import { Backlog } from './backlog';
import type { Connection } from './connection';
import { fakeConnection } from './testing/fake-connection';

test('at the budget the reader that is behind for longest is given up; who caught up is not', () => {
  const givenUp: Connection[] = [];
  const backlog: Backlog = new Backlog((connection) => {
    givenUp.push(connection);
    backlog.set(connection, 0);
  }, 100);
  const [one, two, three] = [fakeConnection(), fakeConnection(), fakeConnection()];
  backlog.set(one, 40);
  backlog.set(two, 40);
  backlog.set(one, 0);
  backlog.set(three, 40);
  backlog.set(one, 20);
  expect(givenUp).toEqual([]);
  backlog.set(one, 30);
  expect(givenUp).toEqual([two]);
  expect(backlog.waitingBytes).toBe(70);
});
