/**
 * What LangGraph's serialiser of Python writes as MessagePack → the form that both languages read: docs/frameworks/langgraph-layout.md, "Encoded values".
 * The same rules as `hyperloom.langgraph` has for what it stores.
 */
import { readMsgpack, type Packed } from '../msgpack.ts';
import { objectJson, textJson, type Texts } from '../stored-json.ts';

/** Extensions of LangGraph's serialiser (`langgraph.checkpoint.serde.jsonplus`). */
const byPosition = 1;
const byKeyword = 2;
const pydantic = 5;
const deltaSnapshot = 7;

const messageModule = 'langchain_core.messages.';
const messageClasses = new Set([
  'AIMessage',
  'ChatMessage',
  'FunctionMessage',
  'HumanMessage',
  'RemoveMessage',
  'SystemMessage',
  'ToolMessage',
]);

/** JSON text of the shared form; `undefined` where any part of the value has none. */
export function sharedJson(value: Packed, texts: Texts | undefined): string | undefined {
  try {
    return shared(value, texts);
  } catch (error) {
    if (error instanceof NotShared) return undefined;
    throw error;
  }
}

/** JSON text of plain data: `undefined` where it holds anything else. */
export function plainJson(value: Packed): string | undefined {
  return value.kind === 'extension' ? undefined : sharedJson(value, undefined);
}

class NotShared extends Error {}

function shared(value: Packed, texts: Texts | undefined): string {
  switch (value.kind) {
    case 'nil':
      return 'null';
    case 'boolean':
      return String(value.value);
    case 'integer':
      // Beyond 2^53 JavaScript's numbers lose digits.
      if (typeof value.value === 'bigint') throw new NotShared();
      return String(value.value);
    case 'float':
      return floatJson(value.value);
    case 'text':
      return textJson(value.value, texts);
    case 'array':
      return `[${value.items.map((item) => shared(item, texts)).join(',')}]`;
    case 'map':
      return objectJson(membersOf(value.entries, texts), texts);
    case 'extension':
      return extension(value.code, readMsgpack(value.data), texts);
    case 'bytes':
      throw new NotShared();
  }
}

/** A number that Python reads as a float again. */
function floatJson(value: number): string {
  if (!Number.isFinite(value)) throw new NotShared();
  const text = Object.is(value, -0) ? '-0' : String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

type Members = readonly (readonly [key: string, json: string])[];

function membersOf(entries: readonly (readonly [Packed, Packed])[], texts: Texts | undefined): Members {
  return entries.map(([key, member]) => {
    // An object of the user's with the key `lc` would come back as something else.
    if (key.kind !== 'text' || key.value === 'lc') throw new NotShared();
    return [key.value, shared(member, texts)];
  });
}

/** A Python object: its module, its class, and what it is made from. */
function extension(code: number, value: Packed, texts: Texts | undefined): string {
  if (code === deltaSnapshot) return `{"lc":2,"type":"delta_snapshot","value":${shared(value, texts)}}`;
  const [module, name, content] = value.kind === 'array' ? value.items : [];
  if (module?.kind !== 'text' || name?.kind !== 'text' || content === undefined) throw new NotShared();
  if (code === pydantic) return message(module.value, name.value, content, texts);
  if (module.value !== 'langgraph.types') throw new NotShared();
  if (code === byPosition && name.value === 'Send') return send(content, texts);
  if (code === byKeyword && name.value === 'Interrupt') return interrupt(content, texts);
  throw new NotShared();
}

function message(module: string, name: string, content: Packed, texts: Texts | undefined): string {
  if (!module.startsWith(messageModule) || !messageClasses.has(name) || content.kind !== 'map')
    throw new NotShared();
  const told = content.entries.filter(
    ([key, member]) => key.kind !== 'text' || !isLeftOut(name, key.value, member),
  );
  // No object of these is ever one that stands for a text: its content is always there.
  const members = objectJson(membersOf(told, texts), undefined);
  return `{"lc":1,"type":"constructor","id":["langchain_core","messages","${name}"],"kwargs":${members}}`;
}

const fieldsOfNone = new Set(['name', 'id', 'artifact', 'usage_metadata']);
const fieldsOfLists = new Set(['tool_calls', 'invalid_tool_calls']);
const fieldsOfObjects = new Set(['additional_kwargs', 'response_metadata']);

/** What the message's constructor puts there by itself. Nothing else is: an empty list is not the lack of one. */
function isLeftOut(name: string, key: string, member: Packed): boolean {
  if (key === 'type') return true;
  switch (member.kind) {
    case 'nil':
      return fieldsOfNone.has(key);
    case 'text':
      return name === 'ToolMessage' && key === 'status' && member.value === 'success';
    case 'array':
      return fieldsOfLists.has(key) && member.items.length === 0;
    case 'map':
      return fieldsOfObjects.has(key) && member.entries.length === 0;
    default:
      return false;
  }
}

/** With a timeout it is more than JavaScript knows. */
function send(content: Packed, texts: Texts | undefined): string {
  const [node, argument] = content.kind === 'array' && content.items.length === 2 ? content.items : [];
  if (node?.kind !== 'text' || argument === undefined) throw new NotShared();
  return `{"lc":2,"type":"send","node":${JSON.stringify(node.value)},"args":${shared(argument, texts)}}`;
}

function interrupt(content: Packed, texts: Texts | undefined): string {
  if (content.kind !== 'map') throw new NotShared();
  const fields = new Map(
    content.entries.map(([key, member]) => [key.kind === 'text' ? key.value : '', member]),
  );
  const [value, id] = [fields.get('value'), fields.get('id')];
  const schema = fields.get('response_schema');
  const isKnown =
    fields.size === (schema === undefined ? 2 : 3) && (schema === undefined || schema.kind === 'nil');
  if (value === undefined || id === undefined || !isKnown) throw new NotShared();
  return `{"lc":2,"type":"interrupt","value":${shared(value, texts)},"id":${shared(id, texts)}}`;
}
