import { createHash } from 'node:crypto';
import type { JsonObject, TypeJSONValue } from '@heliograph/tl/api';

/** Client settings that this server enforces (docs: core.telegram.org/api/config#client-configuration). Only what is true here is told. */
const SETTINGS: Readonly<Record<string, number | boolean | string | readonly string[]>> = {
  about_length_limit_default: 70,
  about_length_limit_premium: 70,
  authorization_autoconfirm_period: 604_800,
  caption_length_limit_default: 1024,
  caption_length_limit_premium: 1024,
  channels_limit_default: 500,
  channels_limit_premium: 500,
  channels_public_limit_default: 10,
  channels_public_limit_premium: 10,
  chat_read_mark_expire_period: 604_800,
  chat_read_mark_size_threshold: 100,
  chatlist_invites_limit_default: 5,
  chatlist_invites_limit_premium: 5,
  chatlist_update_period: 3600,
  chatlists_joined_limit_default: 10,
  chatlists_joined_limit_premium: 10,
  dialogs_pinned_limit_default: 5,
  dialogs_pinned_limit_premium: 5,
  dialogs_folder_pinned_limit_default: 100,
  dialogs_folder_pinned_limit_premium: 100,
  dialog_filters_chats_limit_default: 100,
  dialog_filters_chats_limit_premium: 100,
  dialog_filters_enabled: true,
  dialog_filters_limit_default: 20,
  dialog_filters_limit_premium: 20,
  hidden_members_group_size_min: 100,
  message_animated_emoji_max: 100,
  pm_read_date_expire_period: 604_800,
  poll_answers_max: 12,
  premium_purchase_blocked: true,
  quote_length_max: 1024,
  reactions_in_chat_max: 100,
  reactions_uniq_max: 11,
  reactions_user_max_default: 1,
  reactions_user_max_premium: 1,
  saved_dialogs_pinned_limit_default: 5,
  stories_all_hidden: true,
  stories_posting: 'disabled',
  telegram_antispam_group_size_min: 200,
};

const asJson = (value: number | boolean | string | readonly string[]): TypeJSONValue => {
  if (typeof value === 'number') return { _: 'jsonNumber', value };
  if (typeof value === 'boolean') return { _: 'jsonBool', value };
  if (typeof value === 'string') return { _: 'jsonString', value };
  return { _: 'jsonArray', value: value.map((item) => asJson(item)) };
};

export const APP_CONFIG: JsonObject = { _: 'jsonObject', value: Object.entries(SETTINGS).map(([key, value]) => ({ _: 'jsonObjectValue', key, value: asJson(value) })) };

/** Changes with the settings: clients send it back and get NotModified. */
export const APP_CONFIG_HASH = createHash('sha256').update(JSON.stringify(SETTINGS)).digest().readInt32LE(0);
