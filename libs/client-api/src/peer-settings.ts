import type { PeerSettings } from '@heliograph/tl/api';

/** What decides it, of somebody as one viewer has him. */
export interface PeerFacts {
  /** The viewer has him as a contact. */
  readonly contact: boolean;
  /** The viewer blocks him. */
  readonly blocked: boolean;
  /** The viewer wants no bar there any more. */
  readonly hidden: boolean;
  readonly bot?: boolean;
}

/**
 * The bar above a private chat: what a viewer is offered to do with somebody who is no contact (docs: core.telegram.org/api/action-bar). It says of what there is alone: reports,
 * shared numbers and automatic archiving are not built, so nothing is offered of these.
 */
export function peerSettingsOf({ contact, blocked, hidden, bot = false }: PeerFacts): PeerSettings {
  const offered = !contact && !hidden;
  return { _: 'peerSettings', add_contact: (offered && !bot) || undefined, block_contact: (offered && !blocked) || undefined };
}

/** Of whom nothing is offered: oneself, the service account, groups, and who is gone. */
export const NO_PEER_SETTINGS: PeerSettings = { _: 'peerSettings' };
