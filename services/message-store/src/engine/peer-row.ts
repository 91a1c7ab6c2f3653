/** A row of box_peer: what a dialog's history needs to know of a message without its body. */
export interface PeerRow {
  id: number;
  out: boolean;
  date: number;
  /** Place in the dialog's history, from 0, deleted ones counted. */
  ordinal: number;
  /** Id in the box of the peer that wrote it; 0 for own messages. */
  originId: number;
  /** Version of the command that deleted it, 0n: alive. */
  deletedVersion: bigint;
}

const BYTES = 21;

export function encodePeerRow(row: PeerRow): Uint8Array {
  const bytes = new Uint8Array(BYTES);
  const view = new DataView(bytes.buffer);
  bytes[0] = row.out ? 1 : 0;
  view.setInt32(1, row.date);
  view.setInt32(5, row.ordinal);
  view.setInt32(9, row.originId);
  view.setBigUint64(13, row.deletedVersion);
  return bytes;
}

/** Throws when the bytes are no row. */
export function decodePeerRow(id: number, bytes: Uint8Array): PeerRow {
  if (bytes.length !== BYTES) throw new Error(`a row of box_peer has ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    id,
    out: (bytes[0] as number) === 1,
    date: view.getInt32(1),
    ordinal: view.getInt32(5),
    originId: view.getInt32(9),
    deletedVersion: view.getBigUint64(13),
  };
}
