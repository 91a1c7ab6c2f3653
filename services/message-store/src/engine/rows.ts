import { toBinary } from '@bufbuild/protobuf';
import { BoxUpdateSchema, HeadSchema, type DialogRecord, type Head } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { putOperation, type WriteOperation } from '@heliograph/storage/storage';
import { boxLog, LOG_CHANGE, LOG_MESSAGE } from '../tables/box-log';
import { boxOrigin } from '../tables/box-origin';
import { boxParked } from '../tables/box-parked';
import { boxPeer } from '../tables/box-peer';
import { boxSent } from '../tables/box-sent';
import { boxState, STATE_DIALOG, STATE_HEAD } from '../tables/box-state';
import type { RowChange } from './change';
import { BOX_BUCKET_IDS, SENT_BUCKET_IDS } from './limits';
import { encodePeerRow } from './peer-row';
import { encodeDialog, encodeMessage } from './wire';

export const bucketOf = (id: number): number => Math.floor(id / BOX_BUCKET_IDS);
export const sentBucketOf = (id: number): number => Math.floor(id / SENT_BUCKET_IDS);

/** The write of one row of a command's effect. `encoded` takes the bytes of a message row, which the event needs again. */
export function rowOperation(box: number, version: bigint, row: RowChange, encoded: (bytes: Uint8Array) => void): WriteOperation {
  switch (row.kind) {
    case 'message': {
      const v = encodeMessage(row.record);
      encoded(v);
      return putOperation(boxLog, { box, bucket: bucketOf(row.record.id), kind: LOG_MESSAGE, id: row.record.id, v }, { version });
    }
    case 'change':
      return putOperation(boxLog, { box, bucket: bucketOf(row.pts), kind: LOG_CHANGE, id: row.pts, v: toBinary(BoxUpdateSchema, row.update) }, { version });
    case 'peer':
      return putOperation(boxPeer, { box, peer: row.peer, bucket: row.bucket, id: row.row.id, v: encodePeerRow(row.row) }, { version });
    case 'origin':
      return putOperation(boxOrigin, { box, origin_box: Number(row.uid.box), bucket: bucketOf(row.uid.id), origin_id: row.uid.id, id: row.id }, { version });
    case 'parked':
      return putOperation(boxParked, { box, version, v: row.command }, { version });
    case 'sent':
      return putOperation(boxSent, { box, bucket: sentBucketOf(row.id), id: row.id, random_id: row.randomId, date: row.date }, { version });
  }
}

/** The one atomic batch by which a box's memory becomes its stored state. Each dialog bears the version that last changed it. */
export function stateOperations(box: number, head: Head, dialogs: readonly DialogRecord[]): WriteOperation[] {
  const operations = dialogs.map((dialog) => putOperation(
    boxState,
    { box, kind: STATE_DIALOG, id: Number(dialog.peer), v: encodeDialog(dialog) },
    { version: dialog.version },
  ));
  operations.push(putOperation(boxState, { box, kind: STATE_HEAD, id: 0, v: toBinary(HeadSchema, head) }, { version: head.applied }));
  return operations;
}

/** The row that says how far (pts) a box is indexed for search. */
export function encodeIndexed(pts: number): Uint8Array {
  const v = new Uint8Array(4);
  new DataView(v.buffer).setInt32(0, pts);
  return v;
}
export function decodeIndexed(v: Uint8Array): number {
  return new DataView(v.buffer, v.byteOffset, v.byteLength).getInt32(0);
}
