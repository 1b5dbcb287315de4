/**
 * Messages as most are, with nothing but texts in them, as stored JSON: what LangGraph's serialiser and all that comes behind it make of them, for a third of
 * the time. `plain-message.test.ts` holds it to the same text.
 */
import { AIMessage, HumanMessage, SystemMessage } from '@langchain/core/messages';
import { storedMessage, type Texts } from './stored-json.ts';
import { isPlainMessage } from './witness.ts';

/** Classes whose arguments are their members of the same names, each with its name in what is stored. */
const names = new Map<object | null, string>(
  [HumanMessage, AIMessage, SystemMessage].map((type) => [type.prototype as object, type.lc_name()] as const),
);

const emptyByItself = new Set(['additional_kwargs', 'response_metadata', 'tool_calls', 'invalid_tool_calls']);
const textual = new Set(['content', 'id', 'name', 'type']);

/** Stored JSON of a message; `undefined` where it is none, or holds more than texts. Long texts go to `texts`. */
export function plainMessageText(value: object, texts: Texts): string | undefined {
  const members = value as { readonly [key: string]: unknown };
  const name = names.get(Object.getPrototypeOf(value) as object | null);
  if (name === undefined || !isPlainMessage(value) || !isOfLangChain(value.lc_namespace)) return undefined;
  if (value.lc_serializable !== true) return undefined;
  const kwargs: [string, string][] = [];
  for (const key of Object.keys(value.lc_kwargs)) {
    const member = members[key];
    if (emptyByItself.has(key) && typeof member === 'object') continue;
    if (!textual.has(key) || typeof member !== 'string') return undefined;
    kwargs.push([key, member]);
  }
  return storedMessage(name, kwargs, texts);
}

function isOfLangChain([library, module, ...rest]: readonly unknown[]): boolean {
  return library === 'langchain_core' && module === 'messages' && rest.length === 0;
}
