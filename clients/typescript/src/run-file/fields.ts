/** Members of an object in a file, each read as what it must be. */
import { base64Decode } from '@bufbuild/protobuf/wire';

/** What is wrong with a line. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
}

export class Fields {
  /** What the object is, for messages: `changes[0].put`. */
  readonly place: string;
  readonly #members: Readonly<Record<string, unknown>>;

  constructor(value: unknown, place: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new Malformed(`${place} is no object`);
    this.place = place;
    this.#members = value as Readonly<Record<string, unknown>>;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#members, name);
  }

  text(name: string): string {
    return this.#typed(name, 'a text', isText);
  }

  textOr(name: string, otherwise: string): string {
    return this.has(name) ? this.text(name) : otherwise;
  }

  /** A whole number from 0. */
  whole(name: string): number {
    return this.#typed(name, 'a whole number', isWhole);
  }

  wholeOr(name: string, otherwise: number): number {
    return this.has(name) ? this.whole(name) : otherwise;
  }

  real(name: string): number {
    return this.#typed(name, 'a number', isNumber);
  }

  bigint(name: string): bigint {
    const text = this.text(name);
    if (!/^-?\d{1,19}$/.test(text)) throw this.#wrong(name, 'an integer in digits');
    return BigInt(text);
  }

  oneOf<Name extends string>(name: string, names: readonly Name[]): Name {
    const text = this.text(name);
    const found = names.find((each) => each === text);
    if (found === undefined) throw this.#wrong(name, `one of ${names.join(', ')}`);
    return found;
  }

  base64(name: string): Uint8Array {
    const text = this.text(name);
    try {
      return base64Decode(text);
    } catch {
      throw this.#wrong(name, 'bytes in base64');
    }
  }

  time(name: string): Date {
    const time = new Date(this.text(name));
    if (Number.isNaN(time.getTime())) throw this.#wrong(name, 'a time in ISO 8601');
    return time;
  }

  texts(name: string): readonly string[] {
    return this.#typed(name, 'a list of texts', isTexts);
  }

  object(name: string): Fields {
    return new Fields(this.#members[name], `${this.place}.${name}`);
  }

  /** A list of objects; none where it is not there. */
  objects(name: string): readonly Fields[] {
    if (!this.has(name)) return [];
    const list = this.#typed(name, 'a list', isList);
    return list.map((item, index) => new Fields(item, `${this.place}.${name}[${index}]`));
  }

  #typed<Type>(name: string, what: string, isRight: (value: unknown) => value is Type): Type {
    const value = this.has(name) ? this.#members[name] : undefined;
    if (!isRight(value)) throw this.#wrong(name, what);
    return value;
  }

  #wrong(name: string, what: string): Malformed {
    return new Malformed(`${this.place}.${name} is not ${what}`);
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function isWhole(value: unknown): value is number {
  return isNumber(value) && Number.isSafeInteger(value) && value >= 0;
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return isList(value) && value.every(isText);
}
