/** Goal: tools' answers change the airline where they say so, and nowhere else. Method: invented answers on a real broker. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { connect, json, type Client } from '../../../../clients/typescript/src/index.ts';
import { startTestBroker, type TestBroker } from '../../../../test/support/broker.ts';
import { effectsOf, isFailure } from './effects.ts';
import type { Message } from './recording.ts';

let broker: TestBroker;
let client: Client;

beforeAll(async () => {
  broker = await startTestBroker();
  client = connect(broker.url);
  await client.put(
    '/airline/users/ann_1',
    json('{"name":"Ann","reservations":["OLD001"],"payment_methods":{}}'),
  );
});

afterAll(async () => {
  client.destroy();
  await broker.close();
});

function answer(tool: string, content: string): Message {
  return { text: '{}', role: 'tool', content, call: undefined, tool };
}

async function apply(message: Message): Promise<number> {
  const operations = await effectsOf(message, client);
  if (operations.length > 0) await client.publish(operations);
  return operations.length;
}

describe("a tool's answer", () => {
  it('puts a changed reservation with its exact bytes', async () => {
    const content = '{"reservation_id": "OLD001", "user_id": "ann_1", "price": 1.0}';
    expect(await apply(answer('cancel_reservation', content))).toBe(1);
    expect((await client.get('/airline/reservations/OLD001')).json).toBe(content);
  });

  it("adds a booked reservation to its user's list, once", async () => {
    const booked = answer('book_reservation', '{"reservation_id":"NEW001","user_id":"ann_1"}');
    expect(await apply(booked)).toBe(2);
    expect(await apply(booked)).toBe(1);
    expect((await client.get('/airline/users/ann_1')).value).toMatchObject({
      name: 'Ann',
      reservations: ['OLD001', 'NEW001'],
    });
  });

  it('adds a certificate that its sentence tells of', async () => {
    const sentence = 'Certificate certificate_7 added to user ann_1 with amount 150.';
    expect(await apply(answer('send_certificate', sentence))).toBe(1);
    expect((await client.get('/airline/users/ann_1')).value).toMatchObject({
      payment_methods: { certificate_7: { source: 'certificate', amount: 150, id: 'certificate_7' } },
    });
  });

  it('changes nothing where it only reads or has failed', async () => {
    expect(
      await apply(answer('get_reservation_details', '{"reservation_id":"OLD001","user_id":"ann_1"}')),
    ).toBe(0);
    const failed = answer('book_reservation', 'Error: not enough seats');
    expect(isFailure(failed)).toBe(true);
    expect(await apply(failed)).toBe(0);
    expect(isFailure({ ...failed, role: 'user' })).toBe(false);
  });
});
