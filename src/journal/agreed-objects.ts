/**
 * Where brokers that share a log keep what is too large for its entries, or lies behind its beginning: objects of bytes, each under a name of its own.
 *
 * Rules for every back end: an object is there whole or not at all, and what is read is what was written; whoever has written it sees it, and so does
 * everybody who was told of it. A name is written once.
 */
export interface AgreedObjects {
  /** The largest object that is written in one go, in bytes. */
  readonly objectBytesMax: number;
  /** Names of all objects, sorted. */
  names(): Promise<readonly string[]>;
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** Throws {@link ObjectMissing} where it is not there, and other errors where it cannot be read. */
  get(name: string): Promise<Uint8Array>;
  /** Removes an object, if it is there. */
  remove(name: string): Promise<void>;
}

/** An object that is not there, or not any more. */
export class ObjectMissing extends Error {
  override readonly name = 'ObjectMissing';
}
