// ejabberd, from Debian's packages, as W4's neighbour: one room for everybody, no encryption, nothing kept, on loopback.
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from '../../tools/engines/cache.mjs';
import { debianEnvironment, fetchDebianPackages } from '../../tools/engines/debian.mjs';
import { ownedProcess } from '../../tools/engines/owned-process.mjs';
import { freePorts } from '../../tools/engines/ports.mjs';
import { cpuSeconds, inParallel } from './system.mjs';
import { connectMember } from './xmpp-client.mjs';

const HOST = '127.0.0.1';
const ROOM = 'all@conference.localhost';
/** Erlang's libraries, and those that Debian builds for this kind of machine. */
const LIBRARIES = [['usr', 'lib', 'erlang', 'lib'], ['usr', 'share', 'erlang', 'lib']];

/** Folders of compiled modules in the root. */
function moduleFolders(root) {
  const bases = LIBRARIES.map((path) => join(root, ...path));
  for (const name of readdirSync(join(root, 'usr', 'lib'))) if (name.endsWith('-linux-gnu')) bases.push(join(root, 'usr', 'lib', name), join(root, 'usr', 'lib', name, 'erlang', 'lib'));
  return bases.filter((base) => existsSync(base)).flatMap((base) => readdirSync(base).map((name) => join(base, name, 'ebin')).filter((folder) => existsSync(folder)));
}

/** Where the Erlang machine of the root is. */
function machineFolder(root) {
  const base = join(root, 'usr', 'lib', 'erlang');
  const name = existsSync(base) ? readdirSync(base).find((each) => each.startsWith('erts-')) : undefined;
  return name === undefined ? undefined : join(base, name, 'bin');
}

const fetchEjabberd = () => fetchDebianPackages({
  cache: cacheFolder(), name: 'ejabberd', packages: ['ejabberd'], log: (line) => console.error(line),
  isGood: (root) => machineFolder(root) !== undefined && moduleFolders(root).some((folder) => existsSync(join(folder, 'ejabberd.app'))),
});

const settings = (port, members) => `
hosts: [localhost]
loglevel: warning
listen:
  - { port: ${port}, ip: "${HOST}", module: ejabberd_c2s, shaper: none, access: all, max_stanza_size: 65536, starttls: false }
auth_method: anonymous
anonymous_protocol: sasl_anon
allow_multiple_connections: true
max_fsm_queue: 100000
modules:
  mod_muc:
    access: all
    access_create: all
    max_users: ${members + 10}
    max_users_presence: 1
    min_message_interval: 0
    min_presence_interval: 0
    history_size: 0
    default_room_options: { max_users: ${members + 10}, presence_broadcast: [], persistent: false, public: false }
`;

/**
 * Fetches it once, starts it, and lets \`members\` into a room.
 * @param {(member: number, id: number) => void} take told of every message that a member gets, by the number in it (#1#)
 * @returns {Promise<{ cpuSeconds: () => number, post: (text: string) => void, stop: () => Promise<void> }>}
 * @throws where the packages can't be fetched or it doesn't start
 */
export async function startEjabberd(members, take) {
  const root = await fetchEjabberd();
  const folder = mkdtempSync(join(tmpdir(), 'heliograph-ejabberd-'));
  const { port } = await freePorts(HOST, ['port']);
  const config = join(folder, 'ejabberd.yml');
  writeFileSync(config, settings(port, members));
  const machine = machineFolder(root);
  const erlang = join(root, 'usr', 'lib', 'erlang');
  const ejabberd = ownedProcess({
    name: 'ejabberd', folder, log: join(folder, 'log.txt'), command: join(machine, 'erlexec'),
    // Schedulers that wait don't spin: spinning would count as work.
    args: ['+sbwt', 'none', '+sbwtdcpu', 'none', '+sbwtdio', 'none', '+Q', '65536', '+P', '250000', '-noinput', '-noshell', '-boot', join(erlang, 'bin', 'start_sasl'), '-sasl', 'sasl_error_logger', 'false',
      '-pa', ...moduleFolders(root), '-mnesia', 'dir', JSON.stringify(join(folder, 'mnesia')), '-s', 'ejabberd'],
    env: { ...debianEnvironment(root), ROOTDIR: erlang, BINDIR: machine, EMU: 'beam', PROGNAME: 'erl', HOME: folder, EJABBERD_CONFIG_PATH: config, EJABBERD_LOG_PATH: join(folder, 'ejabberd.log') },
    ready: () => connectMember({ host: HOST, port }).then((member) => (member.close(), true), () => false),
  });
  const people = [];
  const stop = async () => {
    for (const person of people) person.close();
    await ejabberd.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await ejabberd.start();
    const come = async (index) => {
      const person = await connectMember({ host: HOST, port, localAddress: `127.0.0.${2 + (index % 249)}`, onMessage: (id) => take(index, id) });
      people.push(person);
      await person.join(ROOM, `member${index}`);
    };
    // The first makes the room.
    await come(0);
    await inParallel(members - 1, 32, (index) => come(index + 1));
    return { cpuSeconds: () => cpuSeconds(ejabberd.pid), post: (text) => people[0].post(ROOM, text), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
