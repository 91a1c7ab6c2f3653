import { keyOf, type FinalBox, type FinalMessage } from './checker';

/** A post in a group, over all its attempts. */
export interface PostFact {
  group: number;
  box: number;
  key: string;
  /** Local ids in the author's box that it was acknowledged as. */
  acks: number[];
}

/** A message of a group's own box. Notices of membership say so in their content after the key: `k7#add 96,128`, `remove`, `create`, `join`. */
export interface GroupMessage {
  id: number;
  from: number;
  alive: boolean;
  content: string;
}

export interface FinalGroup {
  group: number;
  memberCount: number;
  version: number;
  /** Its creator ended it. */
  destroyed: boolean;
  log: GroupMessage[];
  members: { user: number; left: boolean; kicked: boolean; sinceId: number }[];
  /** The group as members' boxes were told it. */
  views: { user: number; memberCount: number; version: number; left: boolean; kicked: boolean }[];
}

type Report = (text: string) => void;

/**
 * What contradicts the promises of basic groups (docs/adr/0013-groups-and-channels.md): whoever was a member at a message has exactly one copy, in
 * the group's order; whoever was not has none; what was acknowledged is there; in the end all members know the same group.
 */
export function checkGroups(groups: readonly FinalGroup[], boxes: readonly FinalBox[], posts: readonly PostFact[], limit = 20): string[] {
  const found: string[] = [];
  const report: Report = (text) => { if (found.length < limit) found.push(text); };
  const byBox = new Map(boxes.map((box) => [box.box, box]));
  for (const group of groups) {
    if (group.destroyed) {
      checkEnded(group, byBox, report);
      continue;
    }
    const audiences = checkMembership(group, report);
    for (const box of boxes) checkCopies(group, box, audiences, report);
    checkViews(group, report);
    checkReads(group, byBox, report);
    checkPosts(group, byBox, posts.filter((post) => post.group === group.group), report);
  }
  return found;
}

/** Nothing of it is left, there and with those who were in it in the end, who see it as if they were removed. */
function checkEnded(group: FinalGroup, boxes: ReadonlyMap<number, FinalBox>, report: Report): void {
  for (const { id, alive } of group.log) if (alive) report(`G10 group ${group.group}: has ended, and message ${id} is there`);
  const views = new Map(group.views.map((view) => [view.user, view]));
  for (const { user } of group.members.filter(({ left, kicked }) => !left && !kicked)) {
    for (const copy of boxes.get(user)?.messages ?? []) if (copy.peer === group.group && copy.alive) report(`G10 box ${user}: has message ${copy.uid.id} of group ${group.group}, which has ended`);
    if (views.get(user)?.kicked !== true) report(`G10 box ${user}: does not know that group ${group.group} has ended`);
  }
}

/** Who had to get each message, from what the group's own messages say of its members. */
function checkMembership(group: FinalGroup, report: Report): Map<number, ReadonlySet<number>> {
  const audiences = new Map<number, ReadonlySet<number>>();
  let members = new Set<number>();
  for (const message of [...group.log].sort((a, b) => a.id - b.id)) {
    const [act, whom = ''] = message.alive ? (message.content.split('#')[1] ?? '').split(' ') : [];
    const named = whom.split(',').filter((text) => text !== '').map(Number);
    if (act === 'create') members = new Set([message.from, ...named]);
    if (act === 'add') members.add(named[0] as number);
    if (act === 'join') members.add(message.from);
    if (!members.has(message.from)) report(`G1 group ${group.group}: ${message.from} wrote ${message.id} and was no member`);
    audiences.set(message.id, new Set(members));
    if (act === 'remove') members.delete(named[0] as number);
  }
  const present = group.members.filter(({ left, kicked }) => !left && !kicked).map(({ user }) => user);
  if (present.join() !== [...members].sort((a, b) => a - b).join()) report(`G2 group ${group.group}: its members are ${present.join()}, its messages say ${[...members].join()}`);
  if (group.memberCount !== present.length) report(`G2 group ${group.group}: counts ${group.memberCount} members, there are ${present.length}`);
  return audiences;
}

function checkCopies(group: FinalGroup, box: FinalBox, audiences: ReadonlyMap<number, ReadonlySet<number>>, report: Report): void {
  const copies = box.messages.filter((message) => message.peer === group.group).sort((a, b) => a.id - b.id);
  const member = group.members.find(({ user, left, kicked }) => user === box.box && !left && !kicked);
  const originals = new Map(group.log.map((message) => [message.id, message]));
  const seen = new Set<number>();
  let last = 0;
  for (const copy of copies) {
    const { id } = copy.uid;
    const original = originals.get(id);
    if (copy.uid.box !== group.group || original === undefined) {
      report(`G3 box ${box.box}: ${copy.id} is of no message of group ${group.group}`);
      continue;
    }
    if (seen.has(id)) report(`G3 box ${box.box}: message ${id} of group ${group.group} came twice`);
    seen.add(id);
    if (id <= last) report(`G4 box ${box.box}: messages of group ${group.group} stand as ${last}, ${id}`);
    last = id;
    if (audiences.get(id)?.has(box.box) !== true) report(`G5 box ${box.box}: has message ${id} of group ${group.group}, of which it was no member`);
    if (copy.out !== (original.from === box.box)) report(`G3 box ${box.box}: ${copy.id} has the wrong direction`);
    // Who was away meanwhile was not told of edits and deletions.
    if (member === undefined || id <= member.sinceId || !copy.alive) continue;
    if (!original.alive) report(`G6 box ${box.box}: message ${id} of group ${group.group} is deleted there and not here`);
    else if (original.content !== copy.content) report(`G6 box ${box.box}: message ${id} of group ${group.group} is ${original.content}, here ${copy.content}`);
  }
  for (const [id, audience] of audiences) if (audience.has(box.box) && !seen.has(id)) report(`G3 box ${box.box}: message ${id} of group ${group.group} never came`);
}

function checkViews(group: FinalGroup, report: Report): void {
  const views = new Map(group.views.map((view) => [view.user, view]));
  for (const { user, left, kicked } of group.members) {
    const view = views.get(user);
    if (view === undefined) report(`G7 box ${user}: knows nothing of group ${group.group}`);
    else if (view.left !== left || view.kicked !== kicked) report(`G7 box ${user}: is ${view.left ? 'gone' : view.kicked ? 'removed' : 'there'} by its own box, otherwise by group ${group.group}`);
    else if (!left && !kicked && (view.version !== group.version || view.memberCount !== group.memberCount)) {
      report(`G7 box ${user}: knows version ${view.version} with ${view.memberCount} of group ${group.group}, which is at ${group.version} with ${group.memberCount}`);
    }
  }
}

/** Who wrote knows that others read it, as far as both were members since. */
function checkReads(group: FinalGroup, boxes: ReadonlyMap<number, FinalBox>, report: Report): void {
  const present = group.members.filter(({ left, kicked }) => !left && !kicked);
  for (const reader of present) {
    const read = Math.max(0, ...copiesOf(group, boxes.get(reader.user), (copy, mark) => !copy.out && copy.id <= mark.readInboxMaxId && copy.uid.id > reader.sinceId).map(({ uid }) => uid.id));
    for (const author of present) {
      if (author.user === reader.user) continue;
      const missed = copiesOf(group, boxes.get(author.user), (copy, mark) => copy.out && copy.alive && copy.uid.id <= read && copy.uid.id > author.sinceId && copy.id > mark.readOutboxMaxId);
      if (missed.length > 0) report(`G8 box ${author.user}: ${reader.user} has read group ${group.group} to ${read}, it does not know of ${missed.map(({ uid }) => uid.id).join()}`);
    }
  }
}

function copiesOf(group: FinalGroup, box: FinalBox | undefined, accept: (copy: FinalMessage, mark: { readInboxMaxId: number; readOutboxMaxId: number }) => boolean): FinalMessage[] {
  const dialog = box?.dialogs.find(({ peer }) => peer === group.group);
  return dialog === undefined ? [] : (box as FinalBox).messages.filter((copy) => copy.peer === group.group && accept(copy, dialog));
}

function checkPosts(group: FinalGroup, boxes: ReadonlyMap<number, FinalBox>, posts: readonly PostFact[], report: Report): void {
  for (const post of posts) {
    const rows = group.log.filter((message) => message.alive && keyOf(message.content) === post.key);
    if (rows.length > 1) report(`G9 group ${group.group}: ${post.key} is there ${rows.length} times`);
    const ids = [...new Set(post.acks)];
    if (ids.length > 1) report(`G9 box ${post.box}: ${post.key} was acknowledged as ${ids.join(' and ')}`);
    for (const id of ids) {
      const own = boxes.get(post.box)?.messages.find((message) => message.id === id);
      if (own === undefined || own.peer !== group.group) report(`G9 box ${post.box}: ${post.key} was acknowledged as ${id} and is not there`);
      else if (own.alive && keyOf(own.content) !== post.key) report(`G9 box ${post.box}: ${post.key} was acknowledged as ${id}, which is ${own.content}`);
    }
  }
}
