import type { PeerSettings } from '@heliograph/tl/api';

/** The bar above a chat: what a viewer is offered to do with somebody (docs: core.telegram.org/api/action-bar). */
export function peerSettingsOf({ self, contact, service, blocked }: { self: boolean; contact: boolean; service: boolean; blocked: boolean }): PeerSettings {
  const stranger = !self && !contact && !service;
  return { _: 'peerSettings', add_contact: stranger || undefined, block_contact: (stranger && !blocked) || undefined };
}
