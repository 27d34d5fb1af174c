// The page around a client: the network, the tab, the person at it.

import type { Hint } from "./core/boundary.js";
import type { Off } from "./types.js";
import { now } from "./core/runtime.js";
import { off } from "./live.js";

/** How often input of the person is told to the server at most. */
const TOUCH_EVERY = 60_000;

function listen(target: EventTarget, types: string[], fn: (event: Event) => void): () => void {
  const options = { capture: true, passive: true };
  for (const type of types) target.addEventListener(type, fn, options);
  return () => {
    for (const type of types) target.removeEventListener(type, fn, options);
  };
}

/** Tells when the network or the tab comes and goes. */
export function watchPage(hint: (what: Hint) => void): Off {
  if (typeof window === "undefined") return off(() => {});
  const network = listen(window, ["online", "offline"], (event) => hint(event.type as Hint));
  const tab = listen(document, ["visibilitychange"], () => hint(isVisible() ? "foreground" : "background"));
  // A page that stands still answers nobody: it gives its socket back, and has one when it goes on.
  const stands = listen(document, ["freeze"], () => hint("suspend"));
  const goesOn = listen(document, ["resume"], () => hint("foreground"));
  const cache = listen(window, ["pagehide", "pageshow"], (event) => {
    if ((event as PageTransitionEvent).persisted) hint(event.type === "pagehide" ? "suspend" : "foreground");
  });
  return off(() => {
    network();
    tab();
    stands();
    goesOn();
    cache();
  });
}

/** Tells that the person is there: at most once a minute, unless that is `urgent`. */
export function watchPerson(touch: () => void, urgent: () => boolean): Off {
  if (typeof window === "undefined") return off(() => {});
  let last = -Infinity;
  const input = listen(window, ["pointerdown", "keydown", "wheel", "touchmove"], () => {
    if (urgent() || now() - last >= TOUCH_EVERY) {
      last = now();
      touch();
    }
  });
  return off(input);
}

/** Asks before the tab is closed while `isUnsent`. Listens only then: it would bar the page cache. */
export class UnloadGuard {
  #on = false;
  #ask = (event: BeforeUnloadEvent) => event.preventDefault();

  update(isUnsent: boolean): void {
    if (isUnsent === this.#on || typeof window === "undefined") return;
    this.#on = isUnsent;
    if (isUnsent) window.addEventListener("beforeunload", this.#ask);
    else window.removeEventListener("beforeunload", this.#ask);
  }
}

/** Whether somebody can see the page. */
export function isVisible(): boolean {
  return typeof document === "undefined" || document.visibilityState !== "hidden";
}

/** Calls back once, when somebody can see the page. */
export function whenVisible(fn: () => void): Off {
  if (isVisible()) {
    fn();
    return off(() => {});
  }
  const stop = listen(document, ["visibilitychange"], () => {
    if (isVisible()) {
      stop();
      fn();
    }
  });
  return off(stop);
}

/** Whether the device says that it has a network. */
export function isOnline(): boolean {
  return typeof navigator === "undefined" || navigator.onLine !== false;
}

/** The address of the socket: `https:` and paths of the page's own server are understood. */
export function socketAddress(url: string): string {
  const base = typeof location === "undefined" ? undefined : location.href;
  const address = new URL(url, base);
  address.protocol = address.protocol.replace(/^http/, "ws");
  return address.href;
}
