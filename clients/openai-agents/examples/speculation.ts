/**
 * A tool that works in a ghost until a verifier accepts what it has done. Works offline: the model is a script. Wants a broker
 * (`npx hyperloom serve`).
 */
import { connect } from '@hyperloom/client';
import { speculativeTool } from '@hyperloom/openai-agents';
import { Agent, run, setTracingDisabled } from '@openai/agents';
import { assistantMessage, functionCall, modelResponse, ScriptedModel } from '@openai/agents/testing';
import { z } from 'zod';

setTracingDisabled(true); // Traces would go to OpenAI.

await using client = connect(); // HYPERLOOM_ADDRESS, or 127.0.0.1:7400
const flights = [
  { flight: 'LH 1', price: 820 },
  { flight: 'KL 2', price: 410 },
];

const book = speculativeTool(client, {
  name: 'book',
  description: 'Books a flight.',
  parameters: z.object({ to: z.string() }),
  scope: '/trip',
  execute: async (_input, { ghost, attempt }) => {
    const found = flights[attempt.number - 1] ?? flights[0];
    const why = attempt.reasons.map((reason) => `, since ${reason}`).join('');
    console.log(`attempt ${attempt.number}: ${found?.flight} for ${found?.price}${why}`);
    await ghost.put('/trip/flight', { flight: found?.flight ?? '', price: found?.price ?? 0 });
    return `booked ${found?.flight}`;
  },
  // Nobody sees the first flight: it is refused before it reaches the trunk.
  verify: async (ghost) => {
    const { price } = (await ghost.get('/trip/flight')).value as { price: number };
    return price < 500 || 'it costs more than 500';
  },
});
// In place of a real model: leave `model` out below, and set OPENAI_API_KEY.
const model = new ScriptedModel([
  modelResponse([functionCall('book', { to: 'Oslo' }, { callId: 'call_1' })]),
  modelResponse([assistantMessage('You fly with KL 2.')]),
]);
const agent = new Agent({ name: 'Assistant', tools: [book], model });
console.log((await run(agent, 'Book me a flight to Oslo.')).finalOutput);
console.log('booked:', JSON.stringify((await client.get('/trip/flight')).value));
