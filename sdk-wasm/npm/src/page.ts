// The page around a client: the network, the tab, the person at it.

import { Word } from "./core/boundary.js";
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

/** A page that stands still answers nobody: it gives its socket back, and has one when it goes on. */
const WORDS: Record<string, Word> = {
  online: Word.Online,
  offline: Word.Offline,
  freeze: Word.Suspend,
  pagehide: Word.Suspend,
  resume: Word.Foreground,
  pageshow: Word.Foreground,
};

/** Tells when the network or the tab comes and goes. */
export function watchPage(say: (word: Word) => void): Off {
  if (typeof window === "undefined") return off(() => {});
  const tell = (event: Event) => {
    // A page that is not kept is gone, and one that was not is new.
    if ((event as PageTransitionEvent).persisted !== false) {
      say(WORDS[event.type] ?? (isVisible() ? Word.Foreground : Word.Background));
    }
  };
  const around = listen(window, ["online", "offline", "pagehide", "pageshow"], tell);
  const within = listen(document, ["visibilitychange", "freeze", "resume"], tell);
  return off(() => {
    around();
    within();
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

/** Asks before the tab is closed while something is unsent. Listens only then: it would bar the page cache. */
export function unloadGuard(): (isUnsent: boolean) => void {
  const ask = (event: BeforeUnloadEvent) => event.preventDefault();
  let isOn = false;
  return (isUnsent) => {
    if (isUnsent === isOn || typeof window === "undefined") return;
    isOn = isUnsent;
    if (isUnsent) window.addEventListener("beforeunload", ask);
    else window.removeEventListener("beforeunload", ask);
  };
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
