// The client of a tree of components.

import { useEffect, useLayoutEffect, useMemo, useReducer, useRef, type JSX, type ReactNode } from "react";
import { Carewire, engineOf } from "../client.js";
import type { Auth, Settings } from "../types.js";
import { ClientContext } from "./context.js";

/** `client`: yours, and never closed here. Otherwise one is made for `userId`; null: signed out. */
export type CarewireProviderProps = {
  children?: ReactNode;
  /** The ICE servers of calls. */
  rtc?: RTCConfiguration | (() => Promise<RTCConfiguration>);
} & ({ client: Carewire } | (Settings & Auth & { userId: string | null }));

/**
 * Gives the hooks below it their client.
 *
 * ```tsx
 * <CarewireProvider url="wss://live.example.org/ws" userId={user?.id ?? null} getToken={fetchToken}>
 *   <App />
 * </CarewireProvider>
 * ```
 *
 * Another user is another client: the old one closes, and nothing of it is shown any more.
 */
export function CarewireProvider(props: CarewireProviderProps): JSX.Element {
  const given = "client" in props ? props.client : undefined;
  const made = useMade(given ? undefined : (props as Made));
  const client = given ?? made;
  const { rtc } = props;
  useEffect(() => {
    if (client && rtc) engineOf(client).rtc = rtc;
  }, [client, rtc]);
  return <ClientContext.Provider value={client}>{props.children}</ClientContext.Provider>;
}

type Made = Settings & Auth & { userId: string | null };

function useMade(settings: Made | undefined): Carewire | null {
  // The newest settings: a function that is written in place is another one every time.
  const newest = useRef(settings);
  useLayoutSafely(() => {
    newest.current = settings;
  });
  const [again, renew] = useReducer((count: number) => count + 1, 0);
  const userId = settings?.userId ?? null;
  const url = settings?.url;
  const client = useMemo(() => {
    const made = settings;
    if (!made || userId === null) return null;
    const { getToken: _, token: __, ...rest } = made as Made & { getToken?: unknown; token?: unknown };
    const auth: Auth =
      "getToken" in made
        ? {
            getToken: (ask) => {
              const now = newest.current ?? made;
              return "getToken" in now ? now.getToken(ask) : Promise.resolve(now.token);
            },
          }
        : { token: made.token };
    return Carewire.create({ ...rest, ...auth, userId });
    // Made for this user at this address; nothing else makes another one.
  }, [userId, url, again]);

  useEffect(() => {
    if (!client) return;
    // Hidden and shown again: the one that was drawn with is closed by now.
    if (engineOf(client).closed && closed.has(client)) return renew();
    clearTimeout(closing.get(client));
    client.connect().catch(() => {
      // It is in the state, where everybody sees it.
    });
    return () => {
      // StrictMode, and fast refresh, come back at once.
      const timer = setTimeout(() => {
        closed.add(client);
        void client.close();
      });
      closing.set(client, timer);
    };
  }, [client]);
  return client;
}

const closing = new WeakMap<Carewire, ReturnType<typeof setTimeout>>();
/** Closed here, and not by the server. */
const closed = new WeakSet<Carewire>();

/** React 18 warns of layout effects on a server. */
export const useLayoutSafely = typeof window === "undefined" ? useEffect : useLayoutEffect;
