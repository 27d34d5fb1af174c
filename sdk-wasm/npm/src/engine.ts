// What is inside a client: the core, what it tells, and everything that is kept up to date by it.

import type { CommandMap, ConnectedEvent, RoomId } from "./protocol.js";
import type {
  CloseReason,
  ConnectionState,
  Data,
  Off,
  Options,
  Reply,
  UnknownEvent,
  WireEvent,
} from "./types.js";
import type { Shared } from "./live.js";
import { News, Word, type Core, type Glue, type Local, type StateText } from "./core/boundary.js";
import { clearTimeout, enter, leave, now, route, setTimeout } from "./core/runtime.js";
import { load, whenDead } from "./core/load.js";
import { CarewireError, closedBecause, coreFailed } from "./errors.js";
import { Events, isKnown } from "./events.js";
import { Cell, given, off, report } from "./live.js";
import { logger, type Logger } from "./log.js";
import { isOnline, socketAddress, unloadGuard, watchPage, watchPerson } from "./page.js";
import { MAX_AGE, Requests, newKey, whole, type Answer, type Ticket } from "./requests.js";
import { Outgoing } from "./rooms/outgoing.js";
import { Tokens } from "./tokens.js";

/** How many commands wait for a connection unless the application says otherwise. */
const MAX_COMMANDS = 1000;
/** The waits before the core is fetched again. */
const FETCH_AGAIN = 500;
const FETCH_AGAIN_MOST = 20_000;

export class Engine {
  readonly clientId = newKey();
  readonly state = new Cell<ConnectionState>({ status: "idle" });
  readonly events = new Events();
  readonly requests: Requests;
  /** Messages on their way, which outlive the views that show them. */
  readonly outgoing: Outgoing;
  /** Who this is; known from the first connection on. */
  session: ConnectedEvent | undefined;
  /** Why it is closed; `idle`: nobody is signed in, and nothing is wrong. */
  closed: "idle" | CarewireError | undefined;
  #shared = new Map<string, Shared>();
  #options: Options;
  #core: Core | undefined;
  #tokens: Tokens;
  #log: Logger;
  #unload = unloadGuard();
  #ends: Off[] = [];
  /** Nobody's: it remembers nothing of what it was asked for. */
  #isIdle = false;
  #recovering = false;
  #logoffAt: number | undefined;
  #reason: CloseReason | undefined;
  #retry: number | undefined;
  /** Events of the first connection, until whoever awaited it can listen. */
  #early: (WireEvent | UnknownEvent)[] | undefined = [];

  constructor(options: Options) {
    this.#options = options;
    this.requests = new Requests(options);
    this.outgoing = new Outgoing(this);
    this.#tokens = new Tokens(options);
    this.#log = logger(options.log, this.clientId);
  }

  /** One that does nothing and shows nothing: for who is signed out, and for servers. */
  static idle(): Engine {
    const engine = new Engine({ url: "", token: "" });
    engine.closed = "idle";
    engine.#isIdle = true;
    engine.requests.close(closedBecause("signed_out"));
    return engine;
  }

  get me(): string | undefined {
    return this.session?.userId;
  }

  get rtc(): Options["rtc"] {
    return this.#options.rtc;
  }

  set rtc(rtc: Options["rtc"]) {
    if (rtc) this.#options = { ...this.#options, rtc };
  }

  /** Connected, and all that was missed has come. */
  get isLive(): boolean {
    return this.state.get().status === "connected" && !this.#recovering;
  }

  /** Begins to connect, once. Says whether it did. */
  start(): boolean {
    if (this.state.get().status !== "idle" || this.closed) return false;
    this.state.set({ status: "connecting" });
    if (this.#options.guardUnload !== false) {
      const outbox = this.requests.outbox;
      this.#ends.push(outbox.subscribe(() => this.#unload(outbox.get().length > 0)));
    }
    void this.#load(FETCH_AGAIN);
    return true;
  }

  async #load(wait: number): Promise<void> {
    let glue: Glue;
    try {
      glue = await load();
    } catch (error) {
      if (this.closed) return;
      // A network that does not give the core is waited for, as it is for the server.
      if (!(error instanceof TypeError)) return this.finish("core_failed", coreFailed(error));
      const next = Math.min(wait * 2, FETCH_AGAIN_MOST);
      this.#retry = setTimeout(() => void this.#load(next), wait);
      return;
    }
    if (this.closed) return;
    try {
      this.#begin(glue.Core);
    } catch (error) {
      this.finish("core_failed", coreFailed(error));
    }
  }

  #begin(Core: Glue["Core"]): void {
    this.#ends.push(
      whenDead((error) => {
        // It cannot even be freed any more.
        this.#core = undefined;
        this.#log.write("error", error.message);
        this.finish("core_failed", error);
      }),
    );
    // It may have ended since it was loaded.
    if (this.closed) return;
    const { webSocket, queue, activity } = this.#options;
    let url = socketAddress(this.#options.url);
    if (webSocket) {
      const own = route(url, webSocket as never);
      url = own.url;
      this.#ends.push(off(own.forget));
    }
    const core = (this.#core = new Core(
      `${this.clientId} ${url}`,
      this.#tokens.isRefreshable,
      whole(queue?.maxCommands) ?? MAX_COMMANDS,
      whole(queue?.maxAgeMs) ?? MAX_AGE,
      this,
    ));
    enter(core);
    this.#ends.push(watchPage((what) => this.#tell(what)));
    if (activity !== "manual") {
      this.#ends.push(
        watchPerson(
          () => this.touch(),
          () => this.#logoffAt !== undefined,
        ),
      );
    }
    this.#tell(Word.Connect);
    this.requests.begin(core);
  }

  /** The network is gone, or back: for demos and tests. */
  cut(down: boolean): void {
    this.#tell(down ? Word.Cut : Word.Heal);
  }

  reconnect(): void {
    this.#tell(Word.Reconnect);
  }

  typing(room: RoomId): void {
    if (this.isLive) this.#tell(Word.Typing, room);
  }

  typingStopped(room: RoomId): void {
    this.#tell(Word.TypingStopped, room);
  }

  /** The person is there. */
  touch(): void {
    if (this.state.get().status !== "connected") return;
    this.call("session:touch", {}, {});
    if (this.#logoffAt !== undefined) {
      this.#logoffAt = undefined;
      this.#showConnected();
    }
  }

  /** What whoever asks something of a closed client is given; they need not handle it. */
  refused(): Promise<never> | undefined {
    const { closed } = this;
    if (!closed) return undefined;
    const refused = Promise.reject(closed === "idle" ? new CarewireError("closed") : closed);
    refused.catch(() => {});
    return refused;
  }

  /** Sends a command; the answer is told before the events that follow it. */
  call<T extends keyof CommandMap>(type: T, data: Data<T>, answer: Answer<Reply<T>>, key?: string): Ticket {
    return this.requests.send(type, data, answer, key);
  }

  /** Sends a query for something that is shown. */
  ask<T extends keyof CommandMap>(type: T, data: Data<T>, done: (reply: Reply<T>) => void): void {
    this.call(type, data, { done });
  }

  /** Sends a command and waits for its reply. */
  request<T extends keyof CommandMap>(type: T, data: Data<T>, key?: string): Promise<Reply<T>> {
    return new Promise((done, fail) => this.call(type, data, { done, fail }, key));
  }

  /** The one for this key; made when there is none yet. */
  shared<S extends Shared>(key: string, make: (engine: Engine, key: string) => S): S {
    let found = this.#shared.get(key) as S | undefined;
    if (!found) {
      found = make(this, key);
      if (!this.#isIdle) {
        this.#shared.set(key, found);
        // One that is drawn and never shown is forgotten, too.
        found.linger();
      }
    }
    return found;
  }

  /** The one for this key, where there is one. */
  find(key: string): Shared | undefined {
    return this.#shared.get(key);
  }

  keep(shared: Shared): void {
    if (!this.#shared.has(shared.key)) this.#shared.set(shared.key, shared);
  }

  forget(shared: Shared): void {
    if (this.#shared.get(shared.key) === shared) this.#shared.delete(shared.key);
  }

  async close(flushMs = 0): Promise<void> {
    const outbox = this.requests.outbox;
    if (flushMs > 0 && !this.closed && outbox.get().length > 0) {
      await new Promise<void>((resolve) => {
        const stop = outbox.subscribe(() => {
          if (outbox.get().length === 0) done();
        });
        const timer = setTimeout(() => done(), flushMs);
        const done = () => {
          stop();
          clearTimeout(timer);
          resolve();
        };
      });
    }
    if (this.closed) return;
    this.#tell(Word.Close);
    this.finish("closed");
  }

  /** Closed for good. */
  finish(reason: CloseReason, cause?: CarewireError): void {
    if (this.closed) return;
    const error = cause ?? closedBecause(reason);
    this.closed = /^(closed|signed_out)$/.test(reason) ? "idle" : error;
    clearTimeout(this.#retry);
    this.#tokens.close();
    const core = this.#core;
    this.#core = undefined;
    // Not while it is telling something.
    if (core) setTimeout(() => leave(core));
    for (const end of this.#ends.splice(0)) end();
    this.requests.close(error);
    this.outgoing.clear();
    this.state.set({ status: "closed", reason, error });
    for (const shared of this.#shared.values()) shared.shut();
    this.events.close(error);
    this.#unload(false);
  }

  #tell(word: Word, of = ""): void {
    this.#core?.tell(word, of);
  }

  /** What the core tells. What goes wrong here must not unwind into it. */
  hear(news: News, number: number, text: string): void {
    if (this.closed) return;
    try {
      switch (news) {
        case News.Token:
          return this.#tokens.ask(number, (token) => this.#onToken(token));
        case News.Event:
          return this.#onEvent(JSON.parse(text));
        case News.Local:
          return this.#onLocal(JSON.parse(text));
        case News.State:
          return this.#onState(JSON.parse(text));
        case News.Sent:
          return this.requests.sent(number);
        case News.Reply:
          return this.requests.reply(number, text);
        case News.Refused:
          return this.requests.refused(number, text);
        case News.Debug:
          return this.#log.write("debug", text);
      }
    } catch (error) {
      report(error);
    }
  }

  #onToken(token: unknown): void {
    if (typeof token === "string") this.#tell(Word.Token, token);
    else this.#tell(token == null ? Word.SignedOut : Word.NoToken);
  }

  #onState(text: StateText): void {
    const wasConnected = this.state.get().status === "connected";
    switch (text.status) {
      case "connected":
        this.#showConnected();
        this.#refresh();
        break;
      case "reconnecting":
        this.#logoffAt = undefined;
        this.state.set({
          status: "reconnecting",
          attempt: text.attempt,
          ...(text.retryInMs !== undefined && { retryAt: now() + text.retryInMs }),
          online: isOnline(),
        });
        if (wasConnected) {
          this.#recovering = true;
          this.#tellLocal({ type: "away" });
          this.#refresh();
        }
        break;
      case "closed":
        this.finish(this.#reason ?? text.reason);
        break;
    }
  }

  #showConnected(): void {
    const session = this.session;
    if (!session) return;
    this.state.set({
      status: "connected",
      session,
      recovering: this.#recovering,
      ...given({ logoffAt: this.#logoffAt }),
    });
  }

  #onEvent(raw: UnknownEvent): void {
    const event = {
      ...raw,
      own: raw.origin === this.clientId,
      replayed:
        raw.offset !== undefined && this.#recovering && raw.timestamp < (this.session?.serverTime ?? ""),
    };
    const known = isKnown(event);
    if (known) this.#know(event);
    if (this.closed) return;
    if (known) for (const shared of this.#shared.values()) if (shared.isActive) shared.event(event);
    if (this.#early) this.#early.push(event);
    else this.#emit(event);
  }

  /** What an event means for the client itself. */
  #know(event: WireEvent): void {
    if (event.type === "connected") {
      const { userId } = this.#options;
      if (userId !== undefined && event.data.userId !== userId) {
        this.#tell(Word.Close);
        return this.finish("wrong_user");
      }
      this.session = event.data;
      if (this.#early?.length === 0) {
        setTimeout(() => {
          const early = this.#early ?? [];
          this.#early = undefined;
          for (const event of early) this.#emit(event);
        });
      }
    } else if (event.type === "auth:idle") {
      this.#logoffAt = Date.parse(event.data.logoffAt);
      this.#showConnected();
    }
  }

  #emit(event: WireEvent | UnknownEvent): void {
    this.events.emit(event.type, event);
    if (!isKnown(event)) this.events.emit("unknown", event);
    this.events.emit("*", event);
  }

  #onLocal(local: Local): void {
    if (local.type === "caughtUp") {
      this.#recovering = false;
      if (this.state.get().status === "connected") this.#showConnected();
      this.#refresh();
    }
    this.#tellLocal(local);
    if (local.type === "resumed") {
      const { awayMs, missed, gaps } = local;
      this.events.emit("resumed", { awayMs, missed, gaps });
    }
  }

  #tellLocal(local: Local): void {
    for (const shared of this.#shared.values()) if (shared.isActive) shared.local(local);
  }

  /** Whether data is live has changed. */
  #refresh(): void {
    for (const shared of this.#shared.values()) shared.changed();
  }
}
