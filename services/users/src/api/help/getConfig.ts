import type { CallerContext, Method } from '@heliograph/client-api/method';
import type { Config } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { dcOptionsOf } from '../../domain/dc-options';
import { findAccount } from '../../tables/users';

/** How long a client may keep the configuration. */
const CONFIG_TTL_SECONDS = 3600;

/**
 * The server's configuration. `this_dc` is the DC that the client believes it is on, and `dc_options` lists every DC, this one included,
 * by the address that clients reach (docs: core.telegram.org/method/help.getConfig).
 */
export const getConfig: Method<Deps, 'help.getConfig'> = async (deps, caller) => ({
  ...await ownConfig(deps, caller),
  _: 'config',
  revoke_pm_inbox: true,
  date: caller.date,
  expires: caller.date + CONFIG_TTL_SECONDS,
  test_mode: false,
  this_dc: caller.dc || deps.dc.id,
  dc_options: deps.dcs.flatMap(dcOptionsOf),
  dc_txt_domain_name: '',
  chat_size_max: 200,
  megagroup_size_max: 200_000,
  forwarded_count_max: 100,
  online_update_period_ms: 210_000,
  offline_blur_timeout_ms: 5000,
  offline_idle_timeout_ms: 30_000,
  online_cloud_timeout_ms: 300_000,
  notify_cloud_delay_ms: 30_000,
  notify_default_delay_ms: 1500,
  push_chat_period_ms: 60_000,
  push_chat_limit: 2,
  edit_time_limit: 172_800,
  // No limit: messages of private chats may always be deleted for both.
  revoke_time_limit: 0x7fffffff,
  revoke_pm_time_limit: 0x7fffffff,
  rating_e_decay: 2_419_200,
  stickers_recent_limit: 200,
  channels_read_media_period: 604_800,
  call_receive_timeout_ms: 20_000,
  call_ring_timeout_ms: 90_000,
  call_connect_timeout_ms: 30_000,
  call_packet_timeout_ms: 10_000,
  me_url_prefix: 'https://t.me/',
  caption_length_max: 1024,
  message_length_max: 4096,
  webfile_dc_id: deps.dc.id,
});

/** What an account set of it. */
async function ownConfig(deps: Pick<Deps, 'keyring' | 'storage'>, { userId }: CallerContext): Promise<Pick<Config, 'reactions_default'>> {
  const account = userId > 0 ? await findAccount(deps, userId) : undefined;
  const emoji = account?.profile.default_reaction;
  return emoji === undefined ? {} : { reactions_default: { _: 'reactionEmoji', emoticon: emoji } };
}
