/**
 * Options of reads that see whatever any broker has acknowledged: a run may go on with another process, at another of several brokers that
 * share a journal. One broker alone always answers so, at no cost. What such a read names is there for all later ones of the same client.
 */
export const newest = { consistency: 'linearizable' } as const;
