/** What several subjects of a case have in common: made for the first of them, gone with the last. */

export interface Shared<T> {
  /** To be given back as often as it is taken. */
  take(): Promise<T>;
  giveBack(): Promise<void>;
}

export function shared<T, Options>(
  open: (options: Options) => Promise<T>,
  close: (opened: T) => Promise<void>,
): (options: Options) => Shared<T> {
  let users = 0;
  let opened: Promise<T> | undefined;
  return (options) => ({
    take() {
      users += 1;
      opened ??= open(options);
      return opened;
    },
    async giveBack() {
      users -= 1;
      if (users > 0 || opened === undefined) return;
      const last = opened;
      opened = undefined;
      await close(await last);
    },
  });
}
