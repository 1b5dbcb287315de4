/** Items of the shared form as the TypeScript SDK has them: so that it goes on with what Python's agents have said. */
import { isObject, type Plain, type PlainObject } from '@hyperloom/client/adapters';
import { defined, mapKeys } from './to-wire.ts';

type Fields = Record<string, Plain>;

/** Types of built-in tools, which the SDK holds in one type of its own. */
const hosted: ReadonlySet<Plain | undefined> = new Set([
  'web_search_call',
  'file_search_call',
  'code_interpreter_call',
  'image_generation_call',
  'mcp_list_tools',
  'mcp_approval_request',
  'mcp_approval_response',
  'mcp_call',
]);

/** Types whose fields have the same names but for their case. */
const alike: ReadonlySet<Plain | undefined> = new Set([
  'computer_call',
  'shell_call',
  'shell_call_output',
  'apply_patch_call',
  'apply_patch_call_output',
  'program',
  'tool_search_call',
  'tool_search_output',
  'compaction',
]);

/** An item of the SDK. What it has no type for becomes its `unknown`, which it hands on as it is. */
export function fromWire(wire: PlainObject): PlainObject {
  const { type } = wire;
  if (typeof wire['role'] === 'string' && (type === 'message' || type === undefined))
    return messageFromWire(wire);
  switch (type) {
    case 'function_call':
      return functionCallFromWire(wire);
    case 'function_call_output':
      return functionResultFromWire(wire);
    case 'computer_call_output': {
      const { call_id: callId, id, output, ...more } = wire;
      const shown = isObject(output)
        ? { type: 'computer_screenshot', data: output['image_url'] ?? '' }
        : output;
      return {
        ...defined({ id, callId, output: shown }),
        type: 'computer_call_result',
        ...providerData(more),
      };
    }
    case 'program_output': {
      const { call_id: callId, result: output, ...more } = wire;
      return { ...more, ...defined({ callId, output }) };
    }
    case 'reasoning':
      return reasoningFromWire(wire);
    default:
      if (hosted.has(type)) return hostedFromWire(wire);
      if (alike.has(type)) return alikeFromWire(wire);
      return { type: 'unknown', ...defined({ id: wire['id'] }), providerData: wire };
  }
}

function messageFromWire(wire: PlainObject): PlainObject {
  const { type, id, role, content, status, phase, ...more } = wire;
  const head = defined({ type, id });
  if (role === 'assistant') {
    const parts =
      typeof content === 'string' ? [{ type: 'output_text', text: content }] : partsFromWire(content);
    return {
      ...head,
      role,
      content: parts,
      status: status ?? 'completed',
      ...defined({ phase }),
      ...providerData(more),
    };
  }
  const rest = providerData({ ...more, ...defined({ status, phase }) });
  if (role === 'user')
    return {
      ...head,
      role,
      content: typeof content === 'string' ? content : partsFromWire(content),
      ...rest,
    };
  // It has no developers; what they say counts as the system's.
  const text = typeof content === 'string' ? content : partsFromWire(content).map(textOf).join('\n');
  return { ...head, role: 'system', content: text, ...rest };
}

function partsFromWire(content: Plain | undefined): readonly Plain[] {
  return Array.isArray(content) ? content.map(partFromWire) : [];
}

function textOf(part: Plain): string {
  return isObject(part) && typeof part['text'] === 'string' ? part['text'] : '';
}

function partFromWire(part: Plain): Plain {
  if (!isObject(part)) return part;
  const {
    type,
    text,
    refusal,
    prompt_cache_breakpoint: promptCacheBreakpoint,
    detail,
    filename,
    ...more
  } = part;
  const out = defined({ type, text, refusal, detail, filename, promptCacheBreakpoint });
  if (type === 'input_image') {
    const { image_url: url, file_id: id, ...extra } = more;
    return {
      ...out,
      ...defined({ image: url ?? (id === undefined ? undefined : { id }) }),
      ...providerData(extra),
    };
  }
  if (type === 'input_file') {
    const { file_data: data, file_url: url, file_id: id, ...extra } = more;
    const file = data ?? (id === undefined ? (url === undefined ? undefined : { url }) : { id });
    return { ...out, ...defined({ file }), ...providerData(extra) };
  }
  return { ...out, ...providerData(more) };
}

function functionCallFromWire(wire: PlainObject): PlainObject {
  const { type, id, call_id: callId, name, arguments: asked, status, namespace, caller, ...more } = wire;
  const fields = { type, id, callId, name, arguments: asked, status, namespace };
  return { ...defined(fields), ...callerFromWire(caller), ...providerData(more) };
}

function functionResultFromWire(wire: PlainObject): PlainObject {
  const { type: _, id, call_id: callId, name, output, status, namespace, caller, ...more } = wire;
  const told = typeof output === 'string' ? { type: 'text', text: output } : partsFromWire(output);
  return {
    type: 'function_call_result',
    ...defined({ id, callId }),
    // It is not told; `withNames` finds it where the call is in the session too.
    name: name ?? callId ?? '',
    output: told,
    status: status ?? 'completed',
    ...defined({ namespace }),
    ...callerFromWire(caller),
    ...providerData(more),
  };
}

/** Gives results the names of the functions that were called. */
export function withNames(items: readonly PlainObject[]): readonly PlainObject[] {
  const names = new Map<Plain | undefined, Plain | undefined>();
  return items.map((item) => {
    if (item['type'] === 'function_call') names.set(item['callId'], item['name']);
    if (item['type'] !== 'function_call_result' || item['name'] !== item['callId']) return item;
    return { ...item, name: names.get(item['callId']) ?? item['name'] ?? '' };
  });
}

function reasoningFromWire(wire: PlainObject): PlainObject {
  const { type, id, summary, content: rawContent, ...more } = wire;
  const parts = Array.isArray(summary) ? summary : [];
  const content = parts.map((part: Plain) => {
    const { type: __, text, ...extra } = isObject(part) ? part : {};
    return { type: 'input_text', ...defined({ text }), ...providerData(extra) };
  });
  return { ...defined({ type, id, rawContent }), content, ...providerData(more) };
}

function hostedFromWire(wire: PlainObject): PlainObject {
  const { id, type, status, result, ...more } = wire;
  const fields = { id, name: type, status, output: result ?? undefined };
  return {
    type: 'hosted_tool_call',
    ...defined(fields),
    providerData: { ...defined({ id, type }), ...more },
  };
}

function alikeFromWire(wire: PlainObject): PlainObject {
  const out: Fields = {};
  for (const [key, value] of Object.entries(wire))
    out[camelCase(key)] = ['action', 'operation', 'output', 'caller'].includes(key)
      ? mapKeys(value, camelCase)
      : value;
  return out;
}

function callerFromWire(caller: Plain | undefined): Fields {
  return caller === undefined ? {} : { caller: mapKeys(caller, camelCase) };
}

/** What is left over. */
function providerData(fields: Fields): Fields {
  return Object.keys(fields).length === 0 ? {} : { providerData: fields };
}

function camelCase(key: string): string {
  return key.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}
