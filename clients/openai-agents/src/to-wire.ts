/**
 * Items of the TypeScript SDK in the form of the Responses API, which is Python's. What has no place there is lost: `items.ts` notes what is
 * needed to get it back.
 */
import { isObject, type Plain, type PlainObject } from '@hyperloom/client/adapters';

type Fields = Record<string, Plain>;

/** An item in the shared form. */
export function toWire(item: PlainObject): PlainObject {
  const { type } = item;
  switch (type) {
    case 'message':
    case undefined:
      return messageToWire(item);
    case 'function_call_result':
      return renamed(item, 'function_call_output', { output: outputToWire(item['output']) }, ['name']);
    case 'computer_call_result': {
      const shown = item['output'];
      const output = isObject(shown)
        ? { type: 'computer_screenshot', image_url: shown['data'] ?? null }
        : shown;
      return renamed(item, 'computer_call_output', { output: output ?? null });
    }
    case 'program_output':
      return renamed(item, 'program_output', { result: item['output'] ?? null }, ['output']);
    case 'reasoning':
      return reasoningToWire(item);
    case 'hosted_tool_call':
      return hostedToWire(item);
    case 'unknown':
      return { ...extras(item), ...defined({ id: item['id'] }) };
    default:
      return typeof type === 'string' ? renamed(item, type, nested(item)) : item;
  }
}

function messageToWire(item: PlainObject): PlainObject {
  const { type, id, role, content, status, phase } = item;
  const told = Array.isArray(content) ? content.map(partToWire) : content;
  return { ...extras(item), ...defined({ type, id, role, content: told, status, phase }) };
}

/** A part of a message, or of a tool's output. */
function partToWire(part: Plain): Plain {
  if (!isObject(part)) return part;
  const { type, providerData: _, promptCacheBreakpoint, image, file, ...rest } = part;
  const out: Fields = {
    ...extras(part),
    ...defined({ type, prompt_cache_breakpoint: promptCacheBreakpoint }),
  };
  if (type === 'input_image') return { ...out, ...rest, ...imageToWire(image) };
  if (type === 'input_file') return { ...out, ...rest, ...fileToWire(file) };
  return { ...out, ...rest, ...defined({ image, file }) };
}

function imageToWire(image: Plain | undefined): Fields {
  if (typeof image === 'string') return { image_url: image };
  return isObject(image) ? defined({ file_id: image['id'] }) : {};
}

function fileToWire(file: Plain | undefined): Fields {
  if (typeof file === 'string') return /^https?:/.test(file) ? { file_url: file } : { file_data: file };
  return isObject(file) ? defined({ file_id: file['id'], file_url: file['url'] }) : {};
}

/** What a tool has returned: a text, or parts. */
function outputToWire(output: Plain | undefined): Plain {
  if (typeof output === 'string') return output;
  if (Array.isArray(output)) return output.map(partToWire);
  if (isObject(output) && output['type'] === 'text' && typeof output['text'] === 'string')
    return output['text'];
  return JSON.stringify(output ?? null);
}

function reasoningToWire(item: PlainObject): PlainObject {
  const { content, rawContent, ...rest } = item;
  const texts = Array.isArray(content) ? content : [];
  const summary = texts.map((part: Plain) =>
    isObject(part) ? { ...extras(part), type: 'summary_text', text: part['text'] ?? '' } : part,
  );
  return { ...renamed(rest, 'reasoning', {}), summary, ...defined({ content: rawContent }) };
}

/** Built-in tools: their own fields are in `providerData`. */
function hostedToWire(item: PlainObject): PlainObject {
  const { name, id, status, arguments: asked, output } = item;
  const fields = extras(item);
  const type = fields['type'] ?? name ?? 'hosted_tool_call';
  const result = type === 'image_generation_call' ? { result: output } : {};
  return {
    ...fields,
    ...defined({ type, id: id ?? fields['id'], status, arguments: fields['arguments'] ?? asked, ...result }),
  };
}

/** Fields with the names that they have in the shared form; `given` in place of those of the same name. */
function renamed(item: PlainObject, type: string, given: Fields, left: readonly string[] = []): PlainObject {
  const out: Fields = { ...extras(item), type };
  for (const [key, value] of Object.entries(item))
    if (key !== 'type' && key !== 'providerData' && !left.includes(key)) out[snakeCase(key)] = value;
  return { ...out, ...given };
}

/** What `providerData` adds. Which model it was is no field of an item. */
function extras(item: PlainObject): Fields {
  const given = item['providerData'];
  if (!isObject(given)) return {};
  const out: Fields = {};
  for (const [key, value] of Object.entries(given)) if (key !== 'model') out[snakeCase(key)] = value;
  return out;
}

/** Fields whose own fields have other names too: what a shell or a patch does, and what came of it. */
function nested(item: PlainObject): Fields {
  const out: Fields = {};
  for (const key of ['action', 'operation', 'output', 'caller']) {
    const value = item[key];
    if (isObject(value) || Array.isArray(value)) out[key] = mapKeys(value, snakeCase);
  }
  return out;
}

/** The same with other names, at every depth. */
export function mapKeys(value: Plain, rename: (key: string) => string): Plain {
  if (Array.isArray(value)) return value.map((item: Plain) => mapKeys(item, rename));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [rename(key), mapKeys(item, rename)]));
}

/** Without what is not there. */
export function defined(fields: Readonly<Record<string, Plain | undefined>>): Fields {
  const out: Fields = {};
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) out[key] = value;
  return out;
}

function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
