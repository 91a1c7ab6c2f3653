import type { BoxSettings } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Change } from '../change';
import { BOX_ITSELF } from '../ids';

/** Changes what the owner set that belongs to no dialog. */
export function editSettings(change: Change, edit: (before: BoxSettings) => Partial<BoxSettings>): void {
  const row = change.editDialog(BOX_ITSELF);
  const before: BoxSettings = row.settings ?? { $typeName: 'heliograph.box.v1.BoxSettings', notifyDefaults: [], filters: [], filterTags: false };
  row.settings = { ...before, ...edit(before) };
}
