// What a login is shown, and differences from what one remembered.

const PAGE = 100;
const DIALOGS_MAX = 100;
/** Attempts to see a box at rest. */
const ATTEMPTS_MAX = 5;

/**
 * Dialogs, read marks and the whole history of each, as `library`'s user sees them now.
 * @param options.atRest nothing may have moved meanwhile; otherwise the state is the one before the first page
 * @returns {Promise<object>} a FreshLogin of libs/testing/src/testimony.ts
 */
export async function loginOf(library, box, { atRest = true } = {}) {
  for (let attempt = 1; ; attempt += 1) {
    const state = await library.call('updates.getState', {});
    const answer = await library.call('messages.getDialogs', { offset_date: 0, offset_id: 0, offset_peer: { _: 'inputPeerEmpty' }, limit: DIALOGS_MAX, hash: 0 });
    const users = new Map(answer.users.map((user) => [Number(user.id), user]));
    const login = { box, pts: state.pts, date: state.date, qts: state.qts, dialogs: [], messages: [] };
    for (const dialog of answer.dialogs) {
      const peer = Number(dialog.peer.user_id);
      const input = { _: 'inputPeerUser', user_id: peer, access_hash: users.get(peer)?.access_hash ?? 0 };
      const first = login.messages.length;
      let count;
      for (let offset = 0; ;) {
        const page = await library.call('messages.getHistory', { peer: input, offset_id: offset, offset_date: 0, add_offset: 0, limit: PAGE, max_id: 0, min_id: 0, hash: 0 });
        login.messages.push(...page.messages);
        count = page.count ?? login.messages.length - first;
        if (page.messages.length < PAGE) break;
        offset = page.messages.at(-1).id;
      }
      login.dialogs.push({ peer, top: dialog.top_message, unread: dialog.unread_count, readIn: dialog.read_inbox_max_id, readOut: dialog.read_outbox_max_id, count });
    }
    if (!atRest) return login;
    const after = await library.call('updates.getState', {});
    if (after.pts === state.pts) return login;
    if (attempt === ATTEMPTS_MAX) throw new Error(`box ${box} does not come to rest: pts ${state.pts}, then ${after.pts}`);
  }
}

/** Pages of the difference from a state. */
export async function differenceFrom(library, { pts, date, qts }) {
  const pages = [];
  for (let state = { pts, date, qts }; ;) {
    const page = await library.call('updates.getDifference', { pts: state.pts, date: state.date, qts: state.qts });
    pages.push(page);
    if (page._ !== 'updates.differenceSlice') return pages;
    if (page.intermediate_state.pts <= state.pts) throw new Error(`a difference from ${state.pts} does not get on`);
    state = page.intermediate_state;
  }
}
