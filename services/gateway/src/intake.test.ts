import type { Connection } from './connection';
import { Intake } from './intake';
import { INTAKE_BYTES_MAX, INTAKE_BYTES_PER_ADDRESS_MAX, INTAKE_BYTES_UNPROVEN_MAX, INTAKE_SMALL_BYTES } from './limits';
import { fakeConnection } from './testing/fake-connection';

const MIB = 1_048_576;

function openIntake(): { intake: Intake; closed: Connection[] } {
  const closed: Connection[] = [];
  const intake: Intake = new Intake({
    closeConnection: (connection) => {
      closed.push(connection);
      intake.release(connection);
    },
  });
  return { intake, closed };
}

/** Each from an address of its own. */
const some = (count: number, change: Partial<Connection> = {}): Connection[] => Array.from({ length: count }, (_, index) => fakeConnection({ address: `198.51.${index >> 8}.${index & 255}`, ...change }));

test('at the budget of the process, whoever has been at it for longest is cut off', () => {
  const { intake, closed } = openIntake();
  const connections = some(INTAKE_BYTES_MAX / MIB + 2);
  for (const connection of connections) intake.change(connection, MIB);
  expect(closed).toEqual(connections.slice(0, 2));
  expect(intake.heldBytes).toBe(INTAKE_BYTES_MAX);
});

test('who is done is not cut off', () => {
  const { intake, closed } = openIntake();
  const [early, ...others] = some(INTAKE_BYTES_MAX / MIB + 2) as [Connection, ...Connection[]];
  intake.change(early, MIB);
  intake.change(early, -MIB);
  for (const connection of others) intake.change(connection, MIB);
  expect(closed).toEqual([others[0]]);
});

test('connections without a key have less between them, and can\'t drive out those that have one', () => {
  const { intake, closed } = openIntake();
  const [proven] = some(1) as [Connection];
  intake.change(proven, MIB);
  const unproven = some(INTAKE_BYTES_UNPROVEN_MAX / MIB + 3, { authenticated: false });
  for (const connection of unproven) intake.change(connection, MIB);
  expect(closed).toEqual(unproven.slice(0, 3));
});

test('a connection that sent a valid packet leaves the smaller budget', () => {
  const { intake, closed } = openIntake();
  const unproven = some(INTAKE_BYTES_UNPROVEN_MAX / MIB, { authenticated: false });
  for (const connection of unproven) intake.change(connection, MIB);
  for (const connection of unproven) {
    connection.authenticated = true;
    intake.onProven(connection);
  }
  for (const connection of some(INTAKE_BYTES_UNPROVEN_MAX / MIB, { authenticated: false })) intake.change(connection, MIB);
  expect(closed).toEqual([]);
});

test('one address has its share; the connection that asks for more pays', () => {
  const { intake, closed } = openIntake();
  const connections = Array.from({ length: INTAKE_BYTES_PER_ADDRESS_MAX / MIB + 1 }, () => fakeConnection());
  for (const connection of connections) intake.change(connection, MIB);
  expect(closed).toEqual(connections.slice(-1));
});

test('the share moves with an address that becomes known', () => {
  const { intake, closed } = openIntake();
  const proxied = fakeConnection({ address: '' });
  intake.change(proxied, INTAKE_BYTES_PER_ADDRESS_MAX);
  proxied.address = '192.0.2.1';
  intake.onAddress(proxied, '');
  intake.change(fakeConnection({ address: '' }), MIB);
  expect(closed).toEqual([]);
  const neighbour = fakeConnection();
  intake.change(neighbour, MIB);
  expect(closed).toEqual([neighbour]);
});

test('small holdings count for the process, and cost nobody the connection', () => {
  const { intake, closed } = openIntake();
  const count = INTAKE_BYTES_UNPROVEN_MAX / INTAKE_SMALL_BYTES;
  const small = Array.from({ length: count }, () => fakeConnection({ authenticated: false }));
  for (const connection of small) intake.change(connection, INTAKE_SMALL_BYTES);
  const asking = fakeConnection({ authenticated: false });
  intake.change(asking, 1);
  expect(closed).toEqual([asking]);
  for (const connection of small) intake.release(connection);
  expect(intake.heldBytes).toBe(0);
});
