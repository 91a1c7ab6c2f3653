import { encode } from '@heliograph/protos/codec';
import { BoxRowSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { CopyBoxRequest } from '@heliograph/protos/heliograph/messagestore/v1/box_move_pb';
import type { MoveDeps } from '../deps';
import { sectionRows } from '../engine/box-copy';
import { COPY_CALL_BYTES, COPY_CALL_DEADLINE_MS } from '../limits';
import { restingBox } from '../resting-box';

/** Sends the rows of one part of a box to the DC that it goes to; `more` tells whether there are further parts. */
export async function copyBox(deps: Pick<MoveDeps, 'storage' | 'boxesOf'>, request: Pick<CopyBoxRequest, 'userId' | 'to' | 'part' | 'version'>): Promise<{ more: boolean; rows: number }> {
  const box = Number(request.userId);
  const pages = sectionRows(deps.storage, await restingBox(deps, box), request.part);
  if (!pages) return { more: false, rows: 0 };
  const target = deps.boxesOf(request.to);
  let rows = 0;
  for await (const page of pages) {
    let batch: Uint8Array[] = [];
    let bytes = 0;
    const flush = async (): Promise<void> => {
      if (batch.length > 0) await target.takeRows({ userId: request.userId, rows: batch, version: request.version }, { routeKey: box, deadlineMs: COPY_CALL_DEADLINE_MS });
      rows += batch.length;
      batch = [];
      bytes = 0;
    };
    for (const row of page) {
      const encoded = encode(BoxRowSchema, row);
      if (bytes + encoded.length > COPY_CALL_BYTES) await flush();
      batch.push(encoded);
      bytes += encoded.length;
    }
    await flush();
  }
  return { more: true, rows };
}
