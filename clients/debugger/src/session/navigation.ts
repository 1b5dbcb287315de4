/** Where the reader is: the page's address, and what views read of it. */
import { formatRoute, parseRoute, type Route } from '../model/route.ts';
import { Store } from './store.ts';

/** What is used of a window. */
type Frame = Pick<Window, 'location' | 'history' | 'addEventListener'>;

export class Navigation {
  readonly store: Store<{ readonly route: Route }>;
  readonly #frame: Frame;

  constructor(frame: Frame) {
    this.#frame = frame;
    this.store = new Store({ route: parseRoute(frame.location.search) });
    frame.addEventListener('popstate', () => this.store.set({ route: parseRoute(frame.location.search) }));
  }

  get route(): Route {
    return this.store.get().route;
  }

  /** Goes to a view that the reader may want to come back to. */
  go(fields: Partial<Route>): void {
    this.#show(fields, 'push');
  }

  /** Keeps the address in step with what is shown, without a stop for the back button. */
  follow(fields: Partial<Route>): void {
    this.#show(fields, 'replace');
  }

  /** The whole address of a view, to be handed to others. */
  addressOf(fields: Partial<Route>): string {
    const { origin, pathname } = this.#frame.location;
    return `${origin}${pathname}${formatRoute({ ...this.route, ...fields })}`;
  }

  #show(fields: Partial<Route>, how: 'push' | 'replace'): void {
    const route = { ...this.route, ...fields };
    const query = formatRoute(route);
    if (query === formatRoute(this.route)) return;
    const address = `${this.#frame.location.pathname}${query}`;
    if (how === 'push') this.#frame.history.pushState(null, '', address);
    else this.#frame.history.replaceState(null, '', address);
    this.store.set({ route });
  }
}
