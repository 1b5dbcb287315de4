/**
 * CRC32C (Castagnoli, RFC 3720): the checksum of everything that lies on disk. Table-driven, eight bytes a step, about
 * 1 GB/s: a 200-byte record costs about 0.2 µs, which is why it is not simpler.
 */
const reversedPolynomial = 0x82f63b78;

/** Eight tables of 256 words behind one another: table k advances a byte over k further bytes. */
const tables = buildTables();

/**
 * The checksum of `bytes[start, end)`. Pass the checksum of what came before as `previous` to continue it, or any other
 * word to tell apart equal bytes of different owners.
 */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length, previous = 0): number {
  let state = ~previous;
  let at = start;
  const wholeEnd = end - 7;
  while (at < wholeEnd) {
    state ^=
      byteAt(bytes, at) |
      (byteAt(bytes, at + 1) << 8) |
      (byteAt(bytes, at + 2) << 16) |
      (byteAt(bytes, at + 3) << 24);
    state =
      word(1792 + (state & 255)) ^
      word(1536 + ((state >>> 8) & 255)) ^
      word(1280 + ((state >>> 16) & 255)) ^
      word(1024 + (state >>> 24)) ^
      word(768 + byteAt(bytes, at + 4)) ^
      word(512 + byteAt(bytes, at + 5)) ^
      word(256 + byteAt(bytes, at + 6)) ^
      word(byteAt(bytes, at + 7));
    at += 8;
  }
  for (; at < end; at += 1) state = (state >>> 8) ^ word((state ^ byteAt(bytes, at)) & 255);
  return ~state >>> 0;
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] as number;
}

function word(index: number): number {
  return tables[index] as number;
}

function buildTables(): Int32Array {
  const words = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let value = byte;
    for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ ((value & 1) === 1 ? reversedPolynomial : 0);
    words[byte] = value;
  }
  for (let at = 256; at < words.length; at += 1) {
    const shorter = words[at - 256] ?? 0;
    words[at] = (shorter >>> 8) ^ (words[shorter & 255] ?? 0);
  }
  return words;
}
