/**
 * Whether a value is still what its copy is. This is asked for every message of a conversation with each put, so a copy is laid out once, and a
 * value is held against that: a plain message takes 0.15 µs, others 0.4 µs; comparing with the copy itself took 1.1 µs.
 */

const { getPrototypeOf, keys: keysOf } = Object;

/** Tells a value by what its copy was. */
export interface Witness {
  /**
   * Whether `value` has the same members, in the same order. What differs in nothing but their order is told to differ: then it is encoded
   * once more, to the same text.
   */
  holds(value: object): boolean;
}

/** `copy` is plain data or a message, as `copyOf` makes it. Of a plain message it may be the message itself: nothing of that is kept but texts. */
export function witnessOf(copy: object): Witness {
  return isPlainMessage(copy) ? new MessageWitness(copy) : new DataWitness(copy);
}

class DataWitness implements Witness {
  readonly #prototype: object | null;
  readonly #isArray: boolean;
  readonly #keys: readonly string[];
  /** By key a text, number and so on, or the witness of an object. */
  readonly #members: readonly unknown[];

  constructor(copy: object) {
    this.#prototype = getPrototypeOf(copy) as object | null;
    this.#isArray = Array.isArray(copy);
    this.#keys = keysOf(copy);
    this.#members = this.#keys.map((key) => {
      const member = (copy as Members)[key];
      return typeof member === 'object' && member !== null ? new DataWitness(member) : member;
    });
  }

  holds(value: unknown): boolean {
    if (typeof value !== 'object' || value === null || getPrototypeOf(value) !== this.#prototype)
      return false;
    const keys = this.#keys;
    if (keys.length === 0) return isEmpty(value);
    if (this.#isArray) return this.#holdsItems(value as readonly unknown[]);
    const present = keysOf(value);
    if (present.length !== keys.length) return false;
    const members = this.#members;
    for (let place = 0; place < keys.length; place += 1) {
      const key = keys[place] as string;
      if (present[place] !== key || !isSame((value as Members)[key], members[place])) return false;
    }
    return true;
  }

  #holdsItems(items: readonly unknown[]): boolean {
    const members = this.#members;
    if (items.length !== members.length) return false;
    for (let place = 0; place < members.length; place += 1)
      if (!isSame(items[place], members[place])) return false;
    return true;
  }
}

function isSame(value: unknown, member: unknown): boolean {
  return value === member || (member instanceof DataWitness ? member.holds(value) : Object.is(value, member));
}

interface Members {
  readonly [key: string]: unknown;
}

/** A message as most are: a text, and nothing in what may hold more. */
export interface PlainMessage {
  readonly lc_serializable?: unknown;
  readonly lc_kwargs: object;
  readonly lc_namespace: readonly unknown[];
  readonly id?: unknown;
  readonly name?: unknown;
  readonly content: string;
  readonly type?: unknown;
  readonly status?: unknown;
  readonly tool_call_id?: unknown;
  readonly additional_kwargs?: object;
  readonly response_metadata?: object;
  readonly tool_calls?: object;
  readonly invalid_tool_calls?: object;
  readonly usage_metadata?: object;
}

const told = new Set(['lc_serializable', 'id', 'name', 'type', 'status', 'tool_call_id']);
const empty = new Set([
  'additional_kwargs',
  'response_metadata',
  'tool_calls',
  'invalid_tool_calls',
  'usage_metadata',
]);

export function isPlainMessage(copy: object): copy is PlainMessage {
  const { lc_kwargs: kwargs, lc_namespace: namespace, content } = copy as Partial<PlainMessage>;
  if (
    typeof kwargs !== 'object' ||
    kwargs === null ||
    typeof content !== 'string' ||
    !Array.isArray(namespace)
  )
    return false;
  return (
    keysOf(copy).every((key) => {
      const member = (copy as Members)[key];
      if (told.has(key)) return typeof member !== 'object';
      if (empty.has(key)) return member === undefined || isEmpty(member);
      // What it was made of is read from the message itself wherever that has a member of the name.
      return key === 'content' || key === 'lc_namespace' || key === 'lc_kwargs';
    }) && keysOf(kwargs).every((key) => Object.hasOwn(copy, key))
  );
}

/** Holds all that it compares with itself: what a message is made of lies all over memory, and each place that is looked at counts. */
class MessageWitness implements Witness {
  readonly #prototype: object | null;
  readonly #size: number;
  readonly #content: string;
  readonly #id: unknown;
  readonly #name: unknown;
  readonly #type: unknown;
  readonly #status: unknown;
  readonly #toolCallId: unknown;
  readonly #serializable: unknown;
  readonly #arguments: Emptiness;
  readonly #response: Emptiness;
  readonly #toolCalls: Emptiness;
  readonly #invalidToolCalls: Emptiness;
  readonly #usage: Emptiness;
  readonly #namespace: readonly unknown[];
  readonly #kwargs: readonly unknown[];

  constructor(copy: PlainMessage) {
    this.#prototype = getPrototypeOf(copy) as object | null;
    this.#size = keysOf(copy).length;
    this.#content = copy.content;
    this.#id = copy.id;
    this.#name = copy.name;
    this.#type = copy.type;
    this.#status = copy.status;
    this.#toolCallId = copy.tool_call_id;
    this.#serializable = copy.lc_serializable;
    this.#arguments = emptinessOf(copy.additional_kwargs);
    this.#response = emptinessOf(copy.response_metadata);
    this.#toolCalls = emptinessOf(copy.tool_calls);
    this.#invalidToolCalls = emptinessOf(copy.invalid_tool_calls);
    this.#usage = emptinessOf(copy.usage_metadata);
    this.#namespace = sharedList(copy.lc_namespace);
    this.#kwargs = sharedList(keysOf(copy.lc_kwargs));
  }

  /** Members are named one by one: reading them by their names in turn takes three times as long. */
  holds(value: PlainMessage): boolean {
    return (
      value.content === this.#content &&
      value.id === this.#id &&
      value.name === this.#name &&
      value.type === this.#type &&
      value.status === this.#status &&
      value.tool_call_id === this.#toolCallId &&
      value.lc_serializable === this.#serializable &&
      getPrototypeOf(value) === this.#prototype &&
      sizeOf(value) === this.#size &&
      isEmptyAs(this.#arguments, value.additional_kwargs) &&
      isEmptyAs(this.#response, value.response_metadata) &&
      isEmptyAs(this.#toolCalls, value.tool_calls) &&
      isEmptyAs(this.#invalidToolCalls, value.invalid_tool_calls) &&
      isEmptyAs(this.#usage, value.usage_metadata) &&
      areSame(value.lc_namespace, this.#namespace) &&
      hasKeys(value.lc_kwargs, this.#kwargs)
    );
  }
}

const sharedLists = new Map<string, readonly unknown[]>();
// The names that the arguments of plain messages have are few, in the few orders that programs write them in.
const sharedListsMax = 100;

/** A copy of a list; of texts the same for all messages that have the same: one of its own would be two more places in memory to look at. */
function sharedList(list: readonly unknown[]): readonly unknown[] {
  if (!list.every((item) => typeof item === 'string')) return [...list];
  const key = list.join('\n');
  const shared = sharedLists.get(key);
  if (shared !== undefined && areSame(list, shared)) return shared;
  const copy = [...list];
  if (sharedLists.size < sharedListsMax) sharedLists.set(key, copy);
  return copy;
}

/** What a member without anything in it is. */
type Emptiness = 'absent' | 'array' | 'object';

function emptinessOf(member: unknown): Emptiness {
  if (member === undefined) return 'absent';
  return Array.isArray(member) ? 'array' : 'object';
}

/** Whether a member that was not there, or had nothing in it, is so still. */
function isEmptyAs(emptiness: Emptiness, value: unknown): boolean {
  return emptinessOf(value) === emptiness && (value === undefined || isEmpty(value));
}

function areSame(items: unknown, wanted: readonly unknown[]): boolean {
  if (!Array.isArray(items) || items.length !== wanted.length) return false;
  for (let place = 0; place < wanted.length; place += 1) if (items[place] !== wanted[place]) return false;
  return true;
}

/** How many members an object has. Counting them takes no memory, as a list of them would for each message of each put. */
function sizeOf(value: object): number {
  let size = 0;
  for (const _ in value) size += 1;
  return size;
}

/** Whether an object has these members and no others, in this order. */
function hasKeys(value: unknown, keys: readonly unknown[]): boolean {
  if (typeof value !== 'object' || value === null) return keys.length === 0;
  let place = 0;
  for (const key in value) {
    if (key !== keys[place]) return false;
    place += 1;
  }
  return place === keys.length;
}

/** An object or array without members. */
function isEmpty(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.length === 0;
  for (const _ in value) return false;
  return true;
}
