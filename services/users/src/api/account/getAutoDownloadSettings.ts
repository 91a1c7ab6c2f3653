import type { Method } from '@heliograph/client-api/method';
import type { AutoDownloadSettings } from '@heliograph/tl/api';
import type { Deps } from '../../deps';

const MEBIBYTE = 1 << 20;

/** Limits in MiB. */
function preset(photo: number, video: number, file: number): AutoDownloadSettings {
  return {
    _: 'autoDownloadSettings',
    phonecalls_less_data: video === 0 || undefined,
    photo_size_max: photo * MEBIBYTE,
    video_size_max: video * MEBIBYTE,
    file_size_max: file * MEBIBYTE,
    video_upload_maxbitrate: 100,
    small_queue_active_operations_max: 8,
    large_queue_active_operations_max: 2,
  };
}

/** Suggested limits for downloads without asking, by the quality of the connection. */
export const getAutoDownloadSettings: Method<Deps, 'account.getAutoDownloadSettings'> = async () => ({ _: 'account.autoDownloadSettings', low: preset(1, 0, 0), medium: preset(1, 10, 1), high: preset(1, 15, 3) });
