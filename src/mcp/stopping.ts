/** The broker, or the bridge, is about to stop: what waits for others is not waited for any longer. */
export class Stopping extends Error {
  override readonly name = 'Stopping';

  constructor() {
    super('the broker is about to stop, so this call waits no longer');
  }
}

/** What a model does about it. */
export const stoppingStep =
  'Call again in a few seconds, when it is back: nothing is missed. If the call was to write something, look first whether it has taken effect.';
