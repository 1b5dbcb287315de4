/** An archive without the time at which it was packed, so that the same sources give the same bundle. */

/** What is looked at of a zip archive (APPNOTE.TXT, 4.3): the record at its end, an entry of its directory, and the header before each file. */
const end = { signature: 0x06054b50, bytes: 22, count: 10, directory: 16 };
const entry = { signature: 0x02014b50, bytes: 46, time: 12, lengths: [28, 30, 32], header: 42 };
const header = { signature: 0x04034b50, time: 10 };
/** 1980-01-01 00:00:00, the first moment that a zip archive knows: two bytes of time, two of date. */
const moment = 0x0021_0000;

/** Changes `archive` in place. A zip archive without a comment, of less than 65,535 files. */
export function settleArchive(archive: Buffer): void {
  const last = archive.length - end.bytes;
  expectSignature(archive, last, end.signature);
  let at = archive.readUInt32LE(last + end.directory);
  for (let left = archive.readUInt16LE(last + end.count); left > 0; left -= 1) {
    expectSignature(archive, at, entry.signature);
    const file = archive.readUInt32LE(at + entry.header);
    expectSignature(archive, file, header.signature);
    archive.writeUInt32LE(moment, at + entry.time);
    archive.writeUInt32LE(moment, file + header.time);
    const start = at;
    at += entry.lengths.reduce((total, offset) => total + archive.readUInt16LE(start + offset), entry.bytes);
  }
}

function expectSignature(archive: Buffer, at: number, signature: number): void {
  if (at < 0 || archive.readUInt32LE(at) !== signature)
    throw new Error(`no zip archive that is known here: byte ${at}`);
}
