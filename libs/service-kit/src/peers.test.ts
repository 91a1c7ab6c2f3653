import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FanoutService } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import { MessageStoreService } from '@heliograph/protos/heliograph/messagestore/v1/message_store_pb';
import { eventually } from '@heliograph/testing/eventually';
import { tempFolder } from '@heliograph/testing/temp-folder';
import { settingsOf } from './kit-settings';
import { PEERS_FILE_LOOK_MS } from './limits';
import { peersDirectory } from './peers';

const directory = (env: Record<string, string>) => peersDirectory(settingsOf({}, env));
const targets = async (of: ReturnType<typeof directory>, dc = 1): Promise<string[]> => Promise.all(Array.from({ length: of.replicas(dc, MessageStoreService, undefined) }, (_, replica) => of.target(dc, MessageStoreService, undefined, replica)));

describe('where the other services are', () => {
  test('by name, all replicas behind one', async () => {
    expect(await targets(directory({}))).toEqual(['dns:///message-store:50051']);
    expect(await targets(directory({ HELIOGRAPH_PEERS: 'dns:///{service}.dc{dc}.svc:1' }))).toEqual(['dns:///message-store.dc1.svc:1']);
  });

  test('by the names of their pods', async () => {
    const of = directory({ HELIOGRAPH_PEERS_MESSAGE_STORE: 'dns:///{service}-{replica}.{service}.dc{dc}.svc:1', HELIOGRAPH_REPLICAS_MESSAGE_STORE: '1=2,2=3' });
    expect(await targets(of)).toEqual(['dns:///message-store-0.message-store.dc1.svc:1', 'dns:///message-store-1.message-store.dc1.svc:1']);
    expect(await targets(of, 2)).toHaveLength(3);
    // One that was added since is found by its number.
    expect(await of.target(1, MessageStoreService, undefined, 5)).toBe('dns:///message-store-5.message-store.dc1.svc:1');
    expect(of.replicas(1, FanoutService, undefined)).toBe(1);
  });

  test('by a list, which is read again when it changes', async () => {
    const folder = tempFolder('peers');
    const path = join(folder.path, 'peers.json');
    writeFileSync(path, JSON.stringify({ 1: { 'message-store': ['127.0.0.1:5', '[::1]:6', 'host:7'] } }));
    const of = directory({ HELIOGRAPH_PEERS: `static:${path}` });
    expect(await targets(of)).toEqual(['ipv4:127.0.0.1:5', 'ipv6:[::1]:6', 'dns:///host:7']);
    expect(() => of.replicas(1, FanoutService, undefined)).toThrow('names no fanout in DC 1');
    await expect(of.target(1, MessageStoreService, undefined, 9)).rejects.toThrow('names no replica 9 of message-store in DC 1');
    writeFileSync(path, JSON.stringify({ 1: { 'message-store': ['a:1', 'b:2'] } }));
    utimesSync(path, new Date(), new Date(Date.now() + 5_000));
    await eventually(() => of.replicas(1, MessageStoreService, undefined) === 2, { timeoutMs: PEERS_FILE_LOOK_MS + 5_000 });
    folder.remove();
  }, 15_000);

  test.each([
    [{ HELIOGRAPH_PEERS: 'message-store:50051' }, 'HELIOGRAPH_PEERS must be a gRPC target'],
    [{ HELIOGRAPH_PEERS: 'static:/nowhere/peers.json' }, '/nowhere/peers.json (HELIOGRAPH_PEERS) cannot be read'],
  ])('%j is refused at the start', (env, sentence) => {
    expect(() => directory(env as unknown as Record<string, string>)).toThrow(sentence);
  });

  test('a count that is none is refused when it is used', () => {
    const of = directory({ HELIOGRAPH_PEERS: 'dns:///{service}-{replica}:1', HELIOGRAPH_REPLICAS_MESSAGE_STORE: '0' });
    expect(() => of.replicas(1, MessageStoreService, undefined)).toThrow('HELIOGRAPH_REPLICAS_MESSAGE_STORE must be a number of replicas');
  });

  test.each(['not json', '[]', '{"1": {"users": ["nowhere"]}}', '{"1": {"users": []}}'])('a list like %s is refused', (text) => {
    const folder = tempFolder('peers');
    const path = join(folder.path, 'peers.json');
    writeFileSync(path, text);
    expect(() => directory({ HELIOGRAPH_PEERS: `static:${path}` })).toThrow('must hold JSON like');
    folder.remove();
  });
});
