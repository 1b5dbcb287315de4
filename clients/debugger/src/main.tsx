/** The page: wires clock, client and views. */
import { createRoot } from 'react-dom/client';
import { Navigation } from './session/navigation.ts';
import { App } from './view/app.tsx';
import { SignIn } from './view/sign-in.tsx';

const container = document.getElementById('page');
if (container === null) throw new Error('the page has no place for the debugger');
createRoot(container).render(
  <SignIn>
    <App navigation={new Navigation(globalThis)} />
  </SignIn>,
);
