// Judges what clients were told against what is stored, by the invariants of the design (I1–I6). Pure.

/**
 * @param asked every send: {from, to, text, state: 'asked'|'acknowledged', id?, edit?, edited?, deleting?, deleted?}
 * @param histories every side of every dialog, oldest first: {owner, peer, messages: [{id, text, from}]}
 * @param seen what each client's library reported: {owner, recovers, updates}
 * @returns {{invariant: string, text: string}[]}
 */
export function judge({ asked, histories, seen }) {
  const findings = [];
  const find = (invariant, text) => findings.push({ invariant, text });
  const side = (owner, peer) => histories.find((history) => history.owner === owner && history.peer === peer)?.messages ?? [];
  const originalText = (text) => text.replace(/ \(edited\)$/, '');

  for (const entry of asked) {
    for (const [name, messages] of [['sender', side(entry.from, entry.to)], ['recipient', side(entry.to, entry.from)]]) {
      const copies = messages.filter((message) => message.from === entry.from && originalText(message.text) === entry.text);
      if (copies.length > 1) find(entry.state === 'acknowledged' ? 'I2' : 'I6', `"${entry.text}" is ${copies.length} times in the ${name}'s history`);
      if (entry.deleted) {
        if (copies.length > 0) find('I5', `"${entry.text}" was deleted for both and is still in the ${name}'s history`);
      } else if (entry.state === 'acknowledged' && !entry.deleting) {
        if (copies.length === 0) find('I1', `"${entry.text}" was acknowledged and is not in the ${name}'s history`);
        else if (entry.edited && copies[0].text !== entry.edit) find('I5', `the acknowledged edit of "${entry.text}" is undone in the ${name}'s history`);
      }
    }
  }

  for (const { owner, peer, messages } of histories) {
    if (owner > peer) continue;
    const others = side(peer, owner);
    const theirs = others.map((message) => originalText(message.text));
    const ours = messages.map((message) => originalText(message.text));
    const common = new Set(theirs.filter((text) => ours.includes(text)));
    // Each box has its own order of the two directions while both write at once; each sender's messages keep theirs in both.
    for (const sender of [owner, peer]) {
      const own = messages.filter((message) => message.from === sender && common.has(originalText(message.text))).map((message) => originalText(message.text));
      const other = others.filter((message) => message.from === sender && common.has(originalText(message.text))).map((message) => originalText(message.text));
      if (own.join('\n') !== other.join('\n')) find('I4', `the messages of ${sender} stand in another order in the two histories`);
    }
    if (messages.some((message, index) => index > 0 && message.id <= messages[index - 1].id)) find('I4', `ids of ${owner}'s history with ${peer} do not rise`);
  }

  for (const { owner, recovers, updates } of seen) {
    const texts = new Map();
    for (const update of updates) {
      if (!update.incoming || update.incoming.out || update._ !== 'updateNewMessage') continue;
      const key = `${update.incoming.id}`;
      texts.set(key, (texts.get(key) ?? 0) + 1);
    }
    if (!recovers) continue;
    for (const history of histories.filter((candidate) => candidate.owner === owner)) {
      for (const message of history.messages) {
        if (message.from === owner) continue;
        const times = texts.get(String(message.id)) ?? 0;
        if (times === 0) find('I3', `${owner}'s client never heard of message ${message.id} "${message.text}"`);
        if (times > 1) find('I3', `${owner}'s client was told ${times} times of message ${message.id}`);
      }
    }
  }
  return findings;
}
