/** Where the reader is, in a page that has no address of its own to keep it in. */
import { home, type Route } from '../model/route.ts';
import { Store } from './store.ts';

export class LocalNavigation {
  readonly store: Store<{ readonly route: Route }>;

  constructor(fields: Partial<Route>) {
    this.store = new Store({ route: { ...home, ...fields } });
  }

  go(fields: Partial<Route>): void {
    this.store.set({ route: { ...this.store.get().route, ...fields } });
  }

  follow(fields: Partial<Route>): void {
    this.go(fields);
  }
}
