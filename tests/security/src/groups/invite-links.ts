import assert from 'node:assert/strict';
import { Person, type Request } from '../client/person';
import { describe, type Outcome } from '../client/session';
import type { TlValue } from '../requests/definitions';
import type { Row } from '../report';
import type { Stage } from '../stage';
import { inTurns, saysCanary } from './access';
import { ask, hashOf, must } from './rights';

/** A group whose links are tried. */
export interface LinkedGroup {
  /** Before the names of its rows. */
  readonly prefix?: string;
  readonly creator: Person;
  /** As the creator names it. */
  readonly peer: TlValue;
  /** One that holds. */
  readonly link: string;
  readonly member: Person;
  readonly stranger: Person;
  readonly left: Person;
  readonly removed: Person;
  /** What a preview must not tell. */
  readonly secrets: readonly string[];
  /** Who is in it. */
  members(): Promise<number[]>;
}

/** What invite links of any kind of group keep to. */
export function inviteLinkRows(stage: Stage, group: LinkedGroup): Row[] {
  const { creator, peer, prefix = '' } = group;
  const makeLink = async (limits: object): Promise<string> => {
    const invite = await creator.call('messages.exportChatInvite', { peer, ...limits } as unknown as Request<'messages.exportChatInvite'>);
    assert.ok(invite._ === 'chatInviteExported');
    return invite.link;
  };
  const join = (person: Person, link: string): Promise<Outcome> => ask(person, { _: 'messages.importChatInvite', hash: hashOf(link) });
  return [
    {
      name: `${prefix}links: a hash with one character changed opens nothing`,
      run: async () => {
        const hash = hashOf(group.link);
        const { stranger: person } = group;
        // The last character holds bits that no byte needs.
        const changed = Array.from({ length: hash.length - 1 }, (_, index) => hash.slice(0, index) + (hash[index] === 'A' ? 'B' : 'A') + hash.slice(index + 1));
        const outcomes = await inTurns([...changed, '', hash.slice(1), `${hash}A`, `${hash}AAAA`, 'A'.repeat(22), 'x'.repeat(5_000)], async (wrong) => [await ask(person, { _: 'messages.checkChatInvite', hash: wrong }), await ask(person, { _: 'messages.importChatInvite', hash: wrong })]);
        for (const outcome of outcomes.flat()) assert.match(outcome.error?.type ?? 'a result', /^INVITE_HASH_(INVALID|EXPIRED|EMPTY)$/);
        assert.equal(new Set(outcomes.slice(0, changed.length).flat().map(describe)).size, 1, 'the answers tell how much of it was right');
        return `${outcomes.length} hashes`;
      },
    },
    {
      name: `${prefix}links: what a preview tells is the title and how many, and no member's phone or messages`,
      run: async () => {
        const outcome = await ask(group.stranger, { _: 'messages.checkChatInvite', hash: hashOf(group.link) });
        assert.ok(outcome.result, describe(outcome));
        assert.equal(saysCanary(outcome.result, group.secrets), undefined);
      },
    },
    {
      name: `${prefix}links: eight who use one for two at once: two are in`,
      run: async () => {
        const people = await Promise.all(Array.from({ length: 8 }, () => Person.signUp(stage.gateway, stage.phone(), 'Racer')));
        const link = await makeLink({ usage_limit: 2 });
        const outcomes = await Promise.all(people.map((person) => join(person, link)));
        assert.equal(outcomes.filter(({ error }) => error === undefined).length, 2);
        for (const { error } of outcomes) assert.match(error?.type ?? 'INVITE_HASH_EXPIRED', /^INVITE_HASH_EXPIRED$/);
        const ids = await group.members();
        assert.equal(people.filter(({ userId }) => ids.includes(userId)).length, 2);
        for (const person of people) person.close();
      },
    },
    {
      name: `${prefix}links: none opens after it was revoked, and none to who was removed`,
      run: async () => {
        const link = await makeLink({});
        assert.match(describe(await join(group.removed, link)), /INVITE_HASH_EXPIRED|USER_KICKED|CHANNEL_PRIVATE/);
        await must(creator, { _: 'messages.editExportedChatInvite', peer, link, revoked: true });
        for (const role of ['stranger', 'left', 'removed'] as const) assert.match(describe(await join(group[role], link)), /INVITE_HASH_EXPIRED|USER_KICKED|CHANNEL_PRIVATE/, role);
        assert.match(describe(await ask(group.stranger, { _: 'messages.checkChatInvite', hash: hashOf(link) })), /INVITE_HASH_EXPIRED/);
      },
    },
    {
      name: `${prefix}links: a group is not added to past its limits, nor joined twice`,
      run: async () => {
        const link = await makeLink({});
        assert.equal((await join(group.member, link)).error?.type, 'USER_ALREADY_PARTICIPANT');
        for (const limits of [{ usage_limit: -1 }, { usage_limit: 100_000 }, { expire_date: 1 }]) {
          const outcome = await ask(creator, { _: 'messages.exportChatInvite', peer, ...limits });
          assert.match(outcome.error?.type ?? 'a result', /^(USAGE_LIMIT_INVALID|EXPIRE_DATE_INVALID)$/, JSON.stringify(limits));
        }
      },
    },
  ];
}
