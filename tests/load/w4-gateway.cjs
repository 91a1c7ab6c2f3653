// A gateway as a process of its own, for W4: behind it stand the services that its own tests use, so that what this process spends is the gateway's.
// Told by its parent, over IPC: {members} makes a channel with as many members and answers with their keys; {push: count} lets fanout push that many messages.
const { channelBox } = require('../../libs/box/dist/box-id.js');
const { writeObject } = require('../../libs/tl/dist/writer.js');
const { startGateway } = require('../../services/gateway/dist/testing/gateway-fixture.js');

const CHANNEL = 1_000_000_002;
const BOX = channelBox(CHANNEL);
/** Ends in this data center's number. */
const FIRST_USER = 34_000_002;
/** With its names the update has 200 bytes, as in the figures that the bar is from. */
const TEXT = 'The quick brown fox jumps over the lazy dog and on it goes';

let pushed = 0;
const said = (id) => writeObject({
  _: 'updates', users: [], chats: [], date: 1_700_000_000, seq: 0,
  updates: [{
    _: 'updateNewChannelMessage', pts: id, pts_count: 1,
    message: { _: 'message', id, from_id: { _: 'peerUser', user_id: FIRST_USER }, peer_id: { _: 'peerChannel', channel_id: CHANNEL }, date: 1_700_000_000, message: `#${id}# ${TEXT}` },
  }],
}, 'newest');

async function main() {
  const gateway = await startGateway();
  const { services } = gateway;
  services.on('updates.getState', () => ({ _: 'updates.state', pts: 1, qts: 0, date: 1, seq: 1, unread_count: 0 }));
  process.on('message', ({ members, push, stop }) => {
    if (members !== undefined) {
      const keys = Array.from({ length: members }, (_, index) => {
        const userId = FIRST_USER + 32 * index;
        services.channelsOf.set(userId, [{ channel: BOX, version: 1 }]);
        const { id, bytes } = services.addKey({ userId });
        return { id: String(id), bytes: bytes.toString('base64') };
      });
      process.send({ port: gateway.port, keys });
    } else if (push !== undefined) {
      const first = pushed + 1;
      const pushes = Array.from({ length: push }, () => {
        pushed += 1;
        return { what: { case: 'channel', value: { channel: BigInt(BOX), updates: said(pushed), version: BigInt(pushed) } } };
      });
      services.push(...pushes);
      process.send({ first, last: pushed });
    } else if (stop) void gateway.close().then(() => process.exit(0));
    else {
      const { user, system } = process.cpuUsage();
      process.send({ cpuSeconds: (user + system) / 1e6, announced: services.online.has(BOX) });
    }
  });
  process.send({ ready: true });
}
main().catch((error) => {
  console.error(error);
  process.exit(1);
});
