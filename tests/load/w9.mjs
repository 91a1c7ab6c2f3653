// W9: what grows with what people have. A client's start with 10, 1,000 and 10,000 dialogs; joining a supergroup as its 200th and as its 200,000th member.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadFolder } from './loaded.mjs';
import { ask, connectTo, signUp } from './people.mjs';
import { inParallel, round, startSystem } from './system.mjs';

/** Joins and leaves in turn. */
const JOINERS = 10;
const GROWTH = 1.3;

export async function run({ dialogs = [10, 1000, 10_000], members = [200, 200_000], rounds = 10, starts = 20 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'heliograph-w9-'));
  const first = await startSystem({ folder });
  const owners = await signUp(first.dc, dialogs.length);
  const joiners = await signUp(first.dc, JOINERS, { offset: owners.length });
  const groups = [];
  for (const [index, count] of members.entries()) {
    const made = await ask(owners[0].client, { _: 'channels.createChannel', title: `Group of ${count}`, about: '', megagroup: true });
    const [{ id, access_hash }] = made.chats;
    const username = `loaded_${index}_group`;
    await ask(owners[0].client, { _: 'channels.updateUsername', channel: { _: 'inputChannel', channel_id: id, access_hash }, username });
    groups.push({ count, username, box: -1_000_000_000_000 - id, cpu: 0, joins: 0 });
  }
  for (const person of [...owners, ...joiners]) person.client.close();
  await first.stop();
  await loadFolder('dialogs-loader.cjs', folder, dialogs.map((count, index) => `${owners[index].id}:${count}`));
  await loadFolder('channel-loader.cjs', folder, groups.map(({ box, count }) => `${box}:${owners[0].id}:${count - 1 - JOINERS}`));

  const { system, dc, stop } = await startSystem({ folder });
  const again = async (person) => {
    person.client = await connectTo(dc, person.index, { key: person.client.key });
    await ask(person.client, { _: 'updates.getState' }, true);
  };
  // What a client asks for when it starts.
  const start = async (person) => {
    await again(person);
    const { dialogs: listed } = await ask(person.client, { _: 'messages.getDialogs', offset_date: 0, offset_id: 0, offset_peer: { _: 'inputPeerEmpty' }, limit: 20, hash: 0n });
    await ask(person.client, { _: 'messages.getPinnedDialogs', folder_id: 0 });
    await ask(person.client, { _: 'messages.getDialogFilters' });
    const { pts, date, qts } = await ask(person.client, { _: 'updates.getState' });
    await ask(person.client, { _: 'updates.getDifference', pts, date, qts });
    person.client.close();
    return listed.length;
  };
  const cpuOfStarts = dialogs.map(() => 0);
  for (let turn = 0; turn <= rounds; turn += 1) {
    for (const [index, person] of owners.entries()) {
      const before = system.cpuSeconds();
      for (let count = 0; count < starts; count += 1) if (await start(person) < Math.min(10, dialogs[index])) throw new Error(`of ${dialogs[index]} dialogs too few were listed`);
      if (turn > 0) cpuOfStarts[index] += system.cpuSeconds() - before;
    }
  }

  for (const person of joiners) await again(person);
  const channelOf = async (person, { username }) => {
    const [{ id, access_hash }] = (await ask(person.client, { _: 'contacts.resolveUsername', username })).chats;
    return { _: 'inputChannel', channel_id: id, access_hash };
  };
  // The first turn warms up.
  for (let turn = 0; turn <= rounds; turn += 1) {
    for (const group of groups) {
      const channels = await Promise.all(joiners.map((person) => channelOf(person, group)));
      const before = system.cpuSeconds();
      await inParallel(JOINERS, 4, (index) => ask(joiners[index].client, { _: 'channels.joinChannel', channel: channels[index] }));
      if (turn > 0) {
        group.cpu += system.cpuSeconds() - before;
        group.joins += JOINERS;
      }
      const full = await ask(joiners[0].client, { _: 'channels.getFullChannel', channel: channels[0] });
      if (full.full_chat.participants_count !== group.count) throw new Error(`a group of ${full.full_chat.participants_count} instead of ${group.count}`);
      await inParallel(JOINERS, 4, (index) => ask(joiners[index].client, { _: 'channels.leaveChannel', channel: channels[index] }));
    }
  }
  for (const person of joiners) person.client.close();
  await stop();
  rmSync(folder, { recursive: true, force: true });

  const perStart = cpuOfStarts.map((cpu) => (cpu / (rounds * starts)) * 1000);
  const perJoin = groups.map(({ cpu, joins }) => (cpu / joins) * 1000);
  // Allowed for each factor of ten.
  const bar = GROWTH ** Math.log10(dialogs.at(-1) / dialogs[0]);
  const growth = perStart.at(-1) / perStart[0];
  const joining = perJoin.at(-1) / perJoin[0];
  return [
    ...dialogs.map((count, index) => ({ workload: `W9 ${count} dialogs`, figure: 'CPU ms per start of a client', value: round(perStart[index], 2) })),
    { workload: 'W9', figure: `start with ${dialogs.at(-1)} dialogs : with ${dialogs[0]}`, value: round(growth, 2), bar: `<= ${round(bar, 2)}`, ok: growth <= bar },
    ...groups.map(({ count }, index) => ({ workload: `W9 group of ${count}`, figure: 'CPU ms per join', value: round(perJoin[index], 2) })),
    { workload: 'W9', figure: `join as member ${members.at(-1)} : as member ${members[0]}`, value: round(joining, 2), bar: `<= ${GROWTH}`, ok: joining <= GROWTH },
  ];
}
