// Live values in React: subscribed when shown, selected from, and safe in every mode of rendering.

import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import type { Engine } from "../engine.js";
import type { Store } from "../live.js";
import type { Live } from "../types.js";
import { idleEngine, useEngine } from "./context.js";

/** What is optional: without an id a hook is idle. */
export type Maybe<T> = T | null | undefined | false | "";

/** A hook, and the same hook with a selection. Selections are compared by their content. */
export type Hook<A extends unknown[], V> = {
  <T>(...args: [...A, select: (view: V) => T]): T;
  (...args: A): V;
};

/** A live value. Draws again when it, or what is selected from it, changes. */
export function useLive<V>(live: Live<V>): V;
export function useLive<V, T>(live: Live<V>, select: (view: V) => T): T;
export function useLive<V, T>(live: Live<V>, select?: (view: V) => T): V | T {
  return useSelected(live, live, select);
}

/** `atFirst` is what a server, and the first drawing in the browser after it, shows. */
export function useSelected<V, T>(
  live: Live<V>,
  atFirst: Pick<Live<V>, "get">,
  select?: (view: V) => T,
): V | T {
  const last = useRef<{ value: V | T } | null>(null);
  const [get, getFirst] = useMemo(() => {
    const reader = (from: Pick<Live<V>, "get">) => {
      let known: { view: V; value: V | T } | undefined;
      return (): V | T => {
        const view = from.get();
        if (known?.view === view) return known.value;
        let value: V | T = select ? select(view) : view;
        const before = known ?? last.current;
        if (before && isSame(before.value, value)) value = before.value;
        known = { view, value };
        return value;
      };
    };
    return [reader(live), reader(atFirst)];
  }, [live, atFirst, select]);
  const subscribe = useMemo(() => (changed: () => void) => live.subscribe(changed), [live]);
  const value = useSyncExternalStore(subscribe, get, getFirst);
  useEffect(() => {
    last.current = { value };
  }, [value]);
  return value;
}

/** The view of a hook. Drawing only reads it; showing it holds it. Without a key it is idle. */
export function useView<V extends object, T>(
  key: string | null,
  open: (engine: Engine) => Store<V>,
  select?: (view: V) => T,
): V | T {
  const engine = useEngine();
  const used = key === null ? idleEngine() : engine;
  const [live, idle] = useMemo(() => {
    // Found anew each time: it may have ended between drawing and showing.
    const live: Live<V> = {
      get: () => open(used).get(),
      subscribe: (changed) => open(used).subscribe(changed),
    };
    let nothing: Store<V> | undefined;
    const idle = { get: () => (nothing ??= open(idleEngine())).get() };
    return [used === idleEngine() ? { ...idle, subscribe: () => NOTHING } : live, idle] as const;
    // `open` follows from the key.
  }, [used, key]);
  return useSelected(live as Live<V>, idle, select);
}

const NOTHING = Object.assign(() => {}, { [Symbol.dispose]: () => {} });

/** Equal, or plain objects or lists with equal contents: one level deep. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (!isPlain(a) || !isPlain(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  const before = Object.entries(a);
  return (
    before.length === Object.keys(b).length &&
    before.every(([name, value]) => Object.hasOwn(b, name) && Object.is(b[name], value))
  );
}

/** What has its contents elsewhere, such as a stream, is only the same as itself. */
function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}
