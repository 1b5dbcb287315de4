/**
 * What a tool's answer says about the airline's state. The recordings hold the tools' answers, not their programs: a changed
 * reservation comes whole in the answer, a certificate as a sentence. What no answer tells (what is left on a gift card) stays.
 */
import {
  json,
  operation,
  type Client,
  type Ghost,
  type JsonValue,
  type Operation,
} from '../../../../clients/typescript/src/index.ts';
import { airlineTree } from './airline.ts';
import type { Message } from './recording.ts';

const reservationTools: ReadonlySet<string> = new Set([
  'book_reservation',
  'cancel_reservation',
  'update_reservation_baggages',
  'update_reservation_flights',
  'update_reservation_passengers',
]);

/** Answers that begin so are failures. */
export function isFailure({ role, content }: Message): boolean {
  return role === 'tool' && content.startsWith('Error:');
}

/** The changes that an answer tells of, in the state that `verbs` sees. */
export async function effectsOf(message: Message, verbs: Client | Ghost): Promise<readonly Operation[]> {
  if (message.role !== 'tool' || isFailure(message)) return [];
  if (message.tool === 'send_certificate') return certificateEffects(message.content);
  if (!reservationTools.has(message.tool)) return [];
  const reservation = JSON.parse(message.content) as {
    readonly reservation_id: string;
    readonly user_id: string;
  };
  const { reservation_id: id, user_id: user } = reservation;
  const put = operation.put(`${airlineTree}/reservations/${id}`, json(message.content));
  if (message.tool !== 'book_reservation') return [put];
  return [put, ...(await bookingEffects(user, id, verbs))];
}

/** A new reservation is also in its user's list. */
async function bookingEffects(
  user: string,
  reservation: string,
  verbs: Client | Ghost,
): Promise<readonly Operation[]> {
  const path = `${airlineTree}/users/${user}`;
  const node = await verbs.find(path);
  const profile = node?.value as { readonly reservations?: readonly JsonValue[] } | undefined;
  const known = profile?.reservations ?? [];
  if (node === undefined || known.includes(reservation)) return [];
  return [operation.merge(path, { reservations: [...known, reservation] })];
}

const certificateSentence = /^Certificate (\S+) added to user (\S+) with amount (\d+)\.$/;

function certificateEffects(sentence: string): readonly Operation[] {
  const [, id, user, amount] = certificateSentence.exec(sentence) ?? [];
  if (id === undefined || user === undefined) return [];
  const certificate = { source: 'certificate', amount: Number(amount), id };
  return [operation.merge(`${airlineTree}/users/${user}`, { payment_methods: { [id]: certificate } })];
}
