/**
 * The seeded workload, to line up with arXiv 2603.15183 (Token Coherence), whose largest setting is ten agents, fifty steps and a
 * context of 10,000 tokens, 5,000,000 tokens where each agent is given all of it at each step:
 *
 * - The context is twenty documents of 500 tokens each (o200k_base), of random common words. All are there before the first step.
 * - Ten agents; agent i has a working set of four documents, 2i to 2i + 3 (modulo twenty), so each document belongs to two agents.
 * - In each of fifty steps every agent takes one turn, in order. It works on one document of its working set, drawn evenly. With
 *   probability V, the volatility, it then writes that document anew: 500 new tokens. Else it writes nothing.
 *
 * What the paper calls access is conditional, as here: an agent needs its document, not all of the context. Its own model draws the
 * documents and the accesses in its own way, so the percentages are to be held beside one another, not to be taken as a reproduction.
 */
import { seededRandom } from '../../src/base/random.ts';
import type { Random } from '../../src/base/random.ts';
import type { Tokenizer } from '../../src/render/tokenizer.ts';
import type { Play, Turn } from './play.ts';

const agents = 10;
const documents = 20;
const documentTokens = 500;
const workingSet = 4;
const steps = 50;

/** Common words, each of which is one token behind a space. */
const words =
  'time people way water words long day part place made live back only little round man year came show every good name sentence great think help low line turn cause much mean before move right boy old same tell set three want air well play small end read hand port large spell add land here must big high such follow act why ask men change went light kind off need house picture try us again animal point mother world near build self earth father head stand own page country found answer school grow study still learn plant cover food sun four thought let keep eye never last door between city tree cross since hard start might story saw far sea draw left late run press close night real life few stop'.split(
    ' ',
  );

/** The play at one volatility. `stepCount` for smoke runs. */
export function seededPlay(tokenizer: Tokenizer, volatility: number, stepCount = steps): Play {
  const random = seededRandom(2_603_151 + Math.round(volatility * 100));
  const begin = Array.from({ length: documents }, (_, index) => ({
    path: documentPath(index),
    text: documentText(random, tokenizer),
  }));
  const turns: Turn[] = [];
  for (let step = 0; step < stepCount; step += 1) {
    for (let agent = 0; agent < agents; agent += 1) {
      const path = documentPath(2 * agent + random.below(workingSet));
      const writes = random.below(10_000) < volatility * 10_000;
      const write = writes ? { path, text: documentText(random, tokenizer) } : null;
      turns.push({ agent: agentName(agent), needs: [path], write });
    }
  }
  const follows = (agent: string): string[] =>
    Array.from({ length: workingSet }, (_, index) => documentPath(2 * Number(agent.slice(6)) + index));
  return { tree: 'run', begin, turns, follows, tokenBudget: 100_000 };
}

function agentName(agent: number): string {
  return `agent_${agent}`;
}

function documentPath(index: number): string {
  return `docs/${String(index % documents).padStart(2, '0')}`;
}

function documentText(random: Random, tokenizer: Tokenizer): string {
  const chosen = Array.from({ length: documentTokens }, () => words[random.below(words.length)] ?? '');
  const text = ` ${chosen.join(' ')}`;
  const tokens = tokenizer.count(text);
  if (tokens !== documentTokens) throw new Error(`a document has ${tokens} tokens, not ${documentTokens}`);
  return text;
}
