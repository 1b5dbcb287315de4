/**
 * Goal: a rendering keeps its budget, tells its tokens exactly, and takes no time that its text does not warrant. Method: a whole broker in
 * memory on a real socket; tokens are counted once more by gpt-tokenizer over the whole text.
 */
import * as cl100k from 'gpt-tokenizer/encoding/cl100k_base';
import * as o200k from 'gpt-tokenizer/encoding/o200k_base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { seededRandom } from '../../src/base/random.ts';
import { RenderFormat, type RenderContextResponse, Tokenizer } from '../../src/gen/hyperloom/v1/render_pb.ts';
import { appendText, putText, startTestBroker } from '../support/broker.ts';
import type { TestBroker } from '../support/broker.ts';
import { asText, newRenderForest } from '../support/render-forests.ts';
import type { RenderForest } from '../support/render-forests.ts';

let broker: TestBroker;
const newForest = (): Promise<RenderForest> => newRenderForest(broker);
beforeAll(async () => {
  broker = await startTestBroker();
});
afterAll(async () => {
  expect(broker.fatal).toEqual([]);
  await broker.close();
});

function beginning({ text, baseBytes }: RenderContextResponse): string {
  return Buffer.from(text).subarray(0, Number(baseBytes)).toString();
}

describe('the budget', () => {
  it.each([
    [Tokenizer.O200K, o200k],
    [Tokenizer.CL100K, cl100k],
  ] as const)(
    'is kept, tokens are exact, and a shorter text is the beginning of a longer one (tokenizer %i)',
    async (tokenizer, reference) => {
      const random = seededRandom(21);
      const words = ['alpha ', 'beta\n', '=== ', '日本語', '42 ', '\\===\n', '{"x":1}'];
      const phrase = (most: number): string =>
        Array.from({ length: 1 + random.below(most) }, () => words[random.below(words.length)] ?? '').join(
          '',
        );
      for (let round = 0; round < 4; round += 1) {
        const { publish, render } = await newForest();
        await publish(...Array.from({ length: 10 }, (_, node) => putText(`/n/${node}`, phrase(30))));
        const tokenBudget = BigInt(128 + random.below(800));
        const format = round % 2 === 0 ? RenderFormat.TEXT : RenderFormat.JSON;
        const ask = { tokenizer, tokenBudget, format };
        const first = await render(ask);
        let last = first;
        for (let step = 0; step < 25; step += 1) {
          await publish(putText(`/n/${random.below(14)}`, phrase(20)), appendText('/log', phrase(5)));
          const now = await render({ ...ask, baseRevision: first.baseRevision });
          expect(now.tokens).toBeLessThanOrEqual(tokenBudget);
          expect(Number(now.tokens)).toBe(reference.countTokens(now.text, asText));
          expect(beginning(now)).toBe(beginning(first));
          const isCut = now.revision < BigInt(step + 2);
          expect(now.leftOut > first.leftOut).toBe(isCut);
          const whole = await render({ ...ask, baseRevision: first.baseRevision, atRevision: now.revision });
          expect(now.text.startsWith(whole.text)).toBe(true);
          expect(now.revision).toBeGreaterThanOrEqual(last.revision);
          last = now;
        }
        expect(last.leftOut).toBeGreaterThan(0n);
        const anew = await render(ask);
        expect(anew.baseRevision).toBe(26n);
        expect(anew.tokens).toBeLessThanOrEqual(tokenBudget);
      }
    },
  );

  it('ends the text at the first revision that does not fit, whatever comes behind it', async () => {
    const { publish, render } = await newForest();
    await publish(putText('/a', 'one'), putText('/b', 'one'));
    await publish(putText('/b', 'two'));
    await publish(putText('/a', 'a long word '.repeat(100)), putText('/b', 'three'));
    await publish(putText('/b', 'four'));
    const cut = await render({ tokenBudget: 200n, baseRevision: 1n });
    expect(cut.text).toMatch(
      /\n=== revision 2\n=== changed \/b\ntwo\n=== left out: 3 changes after revision 2, about \d+ tokens\n$/,
    );
    expect(cut).toMatchObject({ revision: 2n, leftOut: 3n });
    expect(cut.basis.map(({ revision }) => revision)).toEqual([2n]);
    const more = await render({ tokenBudget: 200n, baseRevision: 1n, sinceRevision: 2n });
    expect(more.text).toMatch(/^=== left out: 3 changes after revision 2, about \d+ tokens\n$/);
    expect(more.revision).toBe(2n);
  });

  it('is told in tokens of other models by a factor', async () => {
    const { publish, render } = await newForest();
    await publish(putText('/a', 'some words that make a context, and some more'));
    const plain = await render();
    const scaled = await render({ tokenFactor: 1.3 });
    expect(Number(scaled.tokens)).toBe(Math.ceil(Number(plain.tokens) * 1.3));
    expect(scaled.text).toBe(plain.text);
  });

  it('leaves a quarter to what changes, or what the request says', async () => {
    const { publish, render } = await newForest();
    await publish(
      ...Array.from({ length: 40 }, (_, node) => putText(`/n/${node}`, 'ten tokens or so are in this text')),
    );
    const [usual, most, least] = await Promise.all([
      render({ tokenBudget: 400n }),
      render({ tokenBudget: 400n, changeTokenBudget: 32n }),
      render({ tokenBudget: 400n, changeTokenBudget: 336n }),
    ]);
    expect(usual.tokens).toBeLessThanOrEqual(300n);
    expect(most.tokens).toBeGreaterThan(usual.tokens);
    expect(least.tokens).toBeLessThanOrEqual(64n);
  });

  it('says what a new layout would take, so that one can be begun in time', async () => {
    const { publish, render } = await newForest();
    await publish(putText('/a', 'x'.repeat(100)));
    const first = await render();
    expect(first.rebasedTokens).toBe(first.tokens);
    for (let step = 0; step < 30; step += 1) await publish(putText('/a', `version ${step} of a value`));
    const last = await render({ baseRevision: 1n });
    const anew = await render();
    expect(last.layoutTokens).toBe(last.tokens);
    expect(last.rebasedTokens * 5n).toBeLessThan(last.layoutTokens);
    expect(last.rebasedTokens).toBeLessThan(anew.tokens * 2n);
  });

  it('passes over a value that no answer could hold', { timeout: 60_000 }, async () => {
    const { publish, render } = await newForest();
    const megabyte = 'word '.repeat(200_000);
    await publish(putText('/big', megabyte), putText('/small', 'x'));
    for (let times = 0; times < 3; times += 1) await publish(appendText('/big', megabyte));
    const { text, leftOut } = await render({ tokenBudget: 10_000_000n });
    expect(text).toContain('=== /small\nx\n');
    expect(leftOut).toBe(1n);
  });

  it('takes a megabyte of one letter without standing still', { timeout: 120_000 }, async () => {
    const { publish, render } = await newForest();
    await publish(putText('/run', 'a'.repeat(1024 * 1024)));
    const { tokens, leftOut } = await render({ tokenBudget: 1_000_000n });
    expect(leftOut).toBe(0n);
    expect(tokens).toBeGreaterThan(131_072n);
    expect(tokens).toBeLessThan(131_200n);
  });
});
