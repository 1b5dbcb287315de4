/** Huffman coding of strings (RFC 7541, section 5.2). */
import { endOfString, huffmanCode } from './huffman-code.ts';

/**
 * The decoder is a machine that takes half a byte at a time: its states are the inner nodes of the code's tree, 256 of them.
 * No code is shorter than 5 bits, so half a byte ends at most one symbol. An entry holds the next state in its low byte,
 * then the symbol, then whether there is one.
 */
const hasSymbol = 0x10000;
const failed = 0x20000;

interface Machine {
  readonly steps: Uint32Array;
  /** 1 for states that a string may end in: at most seven bits of padding, all of them ones. */
  readonly mayEnd: Uint8Array;
}

interface Tree {
  readonly zero: number[];
  readonly one: number[];
}

const { steps, mayEnd }: Machine = buildMachine();

/** Inner nodes are numbers from 0 on, leaves are `-1 - symbol`. */
function buildTree(): Tree {
  const tree: Tree = { zero: [0], one: [0] };
  for (let symbol = 0; symbol <= endOfString; symbol += 1) {
    const code = huffmanCode.codes[symbol] ?? 0;
    let node = 0;
    for (let bit = (huffmanCode.bits[symbol] ?? 0) - 1; bit >= 0; bit -= 1) {
      const side = ((code >>> bit) & 1) === 0 ? tree.zero : tree.one;
      if (bit === 0) {
        side[node] = -1 - symbol;
      } else {
        if (side[node] === 0) {
          side[node] = tree.zero.length;
          tree.zero.push(0);
          tree.one.push(0);
        }
        node = side[node] ?? 0;
      }
    }
  }
  return tree;
}

function buildMachine(): Machine {
  const tree = buildTree();
  const machine = {
    steps: new Uint32Array(tree.zero.length * 16),
    mayEnd: new Uint8Array(tree.zero.length),
  };
  for (let state = 0; state < tree.zero.length; state += 1) {
    for (let nibble = 0; nibble < 16; nibble += 1)
      machine.steps[state * 16 + nibble] = step(tree, state, nibble);
  }
  for (let bits = 0, node = 0; bits <= 7; bits += 1) {
    machine.mayEnd[node] = 1;
    node = tree.one[node] ?? 0;
  }
  return machine;
}

function step(tree: Tree, state: number, nibble: number): number {
  let node = state;
  let found = 0;
  for (let bit = 3; bit >= 0; bit -= 1) {
    const next = (((nibble >>> bit) & 1) === 0 ? tree.zero : tree.one)[node] ?? 0;
    if (next >= 0) node = next;
    else if (next === -1 - endOfString) return failed;
    else {
      found = hasSymbol | ((-1 - next) << 8);
      node = 0;
    }
  }
  return found | node;
}

let scratch: Buffer = Buffer.allocUnsafe(4_096);

/** The string in `bytes` from `start` to `end`, or `undefined` where it is no valid encoding. */
export function decodeHuffman(bytes: Uint8Array, start: number, end: number): string | undefined {
  const lengthMax = Math.floor(((end - start) * 8) / 5) + 1;
  if (scratch.length < lengthMax) scratch = Buffer.allocUnsafe(lengthMax * 2);
  const out = scratch;
  let length = 0;
  let state = 0;
  for (let index = start; index < end; index += 1) {
    const byte = bytes[index] ?? 0;
    const high = steps[state * 16 + (byte >>> 4)] ?? failed;
    if (high >= hasSymbol) {
      if (high >= failed) return undefined;
      out[length] = high >>> 8;
      length += 1;
    }
    const low = steps[(high & 0xff) * 16 + (byte & 15)] ?? failed;
    if (low >= hasSymbol) {
      if (low >= failed) return undefined;
      out[length] = low >>> 8;
      length += 1;
    }
    state = low & 0xff;
  }
  return mayEnd[state] === 1 ? out.toString('latin1', 0, length) : undefined;
}

/** `text` (characters of Latin-1) encoded, padded with ones. */
export function encodeHuffman(text: string): Uint8Array {
  const out = Buffer.allocUnsafe(huffmanBytes(text));
  let at = 0;
  let pending = 0;
  let pendingBits = 0;
  for (let index = 0; index < text.length; index += 1) {
    const symbol = text.charCodeAt(index);
    let left = huffmanCode.bits[symbol] ?? 0;
    const code = huffmanCode.codes[symbol] ?? 0;
    while (left > 0) {
      const taken = Math.min(8 - pendingBits, left);
      left -= taken;
      pending = (pending << taken) | ((code >>> left) & ((1 << taken) - 1));
      pendingBits += taken;
      if (pendingBits < 8) continue;
      out[at] = pending;
      at += 1;
      pending = 0;
      pendingBits = 0;
    }
  }
  if (pendingBits > 0) out[at] = (pending << (8 - pendingBits)) | (0xff >>> pendingBits);
  return out;
}

/** How many bytes `text` takes when encoded. */
export function huffmanBytes(text: string): number {
  let bits = 0;
  for (let index = 0; index < text.length; index += 1) bits += huffmanCode.bits[text.charCodeAt(index)] ?? 0;
  return Math.ceil(bits / 8);
}
