// The client: what an application holds in its hands.

import type { CommandMap, ConnectedEvent, RoomId } from "./protocol.js";
import type {
  Ask,
  ConnectionState,
  Data,
  Emitter,
  Fns,
  Handle,
  List,
  Live,
  MessageRoom,
  Options,
  Queued,
  Reply,
} from "./types.js";
import type {
  AppointmentQuery,
  Appointments,
  Calling,
  Chart,
  Inbox,
  LiveData,
  LiveOptions,
  Lock,
  Notifications,
  Presences,
  ReportView,
  Room,
  Row,
  TalkRoom,
  Unread,
  Whiteboard,
} from "./views.js";
import { callsOf, door, people } from "./doors.js";
import { Engine } from "./engine.js";
import type { Door } from "./late.js";
import type { Wanted } from "./records/rows.js";
import { whenAborted } from "./live.js";
import { TalkEntry, roomEntry } from "./rooms/entries.js";

/** Where the hooks and the tests find the inside of a client. */
const engines = new WeakMap<Carewire, Engine>();

/** @internal */
export function engineOf(client: Carewire): Engine {
  const engine = engines.get(client);
  if (!engine) throw new TypeError("This client is of another copy of the package");
  return engine;
}

/**
 * A client of a Carewire server. It stays connected through outages, until it is closed.
 *
 * ```ts
 * const client = await Carewire.connect({ url: "wss://live.example.org/ws", getToken });
 * client.on("message:new", (event) => console.log(event.data.message.body));
 * await client.request("message:send", { roomId: chatRoom("dr-lee", "ana"), body: "Hello" });
 * ```
 */
export class Carewire implements Emitter, AsyncDisposable {
  /** How the connection stands. */
  readonly state: Live<ConnectionState>;
  /** What the user did and the server has not confirmed. */
  readonly outbox: Live<List<Queued>>;
  /** The user's call. */
  readonly calls: Live<Calling> & Fns<Calling>;
  readonly on: Emitter["on"];
  readonly once: Emitter["once"];
  readonly events: Emitter["events"];
  readonly #engine: Engine;
  /** Kept up to date whether or not anybody looks: a call must ring. */
  readonly #calls: Door<Calling>;

  /** A client that does nothing yet: safe while rendering, and on a server. */
  static create(options: Options): Carewire {
    return new Carewire(new Engine(options));
  }

  /** A connected client. Waits through outages; rejects when it is closed for good. */
  static async connect(options: Options & { signal?: AbortSignal }): Promise<Carewire> {
    const { signal, ...rest } = options;
    const client = Carewire.create(rest as Options);
    try {
      await client.connect(signal && { signal });
    } catch (error) {
      void client.close();
      throw error;
    }
    return client;
  }

  private constructor(engine: Engine) {
    this.#engine = engine;
    engines.set(this, engine);
    this.state = engine.state;
    this.outbox = engine.requests.outbox;
    const { on, once, events } = engine.events.emitter;
    this.on = on;
    this.once = once;
    this.events = events;
    this.#calls = callsOf(engine);
    this.calls = this.#calls.view.live();
  }

  /**
   * Connects, and waits until the server has said who this is: through outages, for as long as
   * they last. Rejects when the client is closed for good. Events follow a task later.
   */
  connect(options?: { signal?: AbortSignal }): Promise<ConnectedEvent> {
    const { state } = this.#engine;
    const signal = options?.signal;
    return new Promise((resolve, reject) => {
      const look = () => {
        const now = state.get();
        if (now.status === "connected") end(() => resolve(now.session));
        else if (now.status === "closed") end(() => reject(now.error));
        else if (signal?.aborted) end(() => reject(signal.reason));
      };
      const watching = state.subscribe(look);
      let ending: (() => void) | undefined;
      const end = (settle: () => void) => {
        watching();
        ending?.();
        settle();
      };
      ending = whenAborted(look, signal);
      if (this.#engine.start()) this.#calls.hold();
      look();
    });
  }

  /** Closes for good. `flushMs`: waits so long for what is not confirmed yet. */
  close(options?: { flushMs?: number }): Promise<void> {
    return this.#engine.close(options?.flushMs);
  }

  /** Does not wait out the present backoff. Network and tab are watched without being told. */
  reconnectNow(): void {
    this.#engine.reconnect();
  }

  /** Takes back a command of the outbox. `false`: it was sent, and may have happened. */
  discard(key: string): boolean {
    return this.#engine.requests.discard(key);
  }

  /**
   * Sends any command and waits for its reply. What creates or changes something is kept while
   * there is no connection and happens once; what is about this moment fails with `offline`.
   */
  async request<T extends keyof CommandMap>(
    type: T,
    ...args: {} extends Data<T> ? [data?: Data<T>, options?: Ask] : [data: Data<T>, options?: Ask]
  ): Promise<Reply<T>> {
    const [data = {}, { signal, key } = {}] = args as [object?, Ask?];
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      const settle =
        <A>(fn: (value: A) => void) =>
        (value: A) => {
          ending();
          fn(value);
        };
      const ticket = this.#engine.call(
        type,
        data as Data<T>,
        { done: settle(resolve), fail: settle(reject) },
        key,
      );
      const ending = whenAborted(() => {
        ticket.withdraw();
        reject(signal?.reason);
      }, signal);
    });
  }

  /** Joins a room in the background, until its last handle is closed. */
  room<R extends RoomId>(id: R): R extends MessageRoom ? TalkRoom : Room {
    const entry = roomEntry(this.#engine, id);
    const { end, ...emitter } = this.#engine.events.ofRoom(entry.id);
    const share = entry.view.handle();
    let ends: (() => void)[] | undefined = [end, share.close];
    const close = (): void => {
      for (const end of ends ?? []) end();
      ends = undefined;
    };
    const handle = Object.assign(share, { ...emitter, id: entry.id, close, [Symbol.dispose]: close });
    // Made when somebody asks: nobody has to handle a rejection they did not ask for.
    Object.defineProperty(handle, "ready", { get: () => entry.joined() });
    if (entry instanceof TalkEntry) {
      Object.assign(handle, { messages: entry.messages.view.live(), typing: entry.typing.view.live() });
      let board: Handle<Whiteboard> | undefined;
      const whiteboard = () => {
        if (!board) {
          board = door(this.#engine, "whiteboard", entry.id as MessageRoom).view.handle();
          if (ends) ends.push(board.close);
          else board.close();
        }
        return board;
      };
      Object.defineProperty(handle, "whiteboard", { get: whiteboard });
    }
    return handle as never;
  }

  /** Who of these can be reached. */
  presence(ids: List<string>): Handle<Presences> {
    return door(this.#engine, "presence", people(ids)).view.handle();
  }

  /** How many messages of others are unread. */
  unread(): Handle<Unread> {
    return door(this.#engine, "unread", undefined).view.handle();
  }

  /** The user's notifications. */
  notifications(): Handle<Notifications> {
    return door(this.#engine, "notifications", undefined).view.handle();
  }

  /** The user's conversations, over all platforms or on one. */
  inbox(platform?: string): Handle<Inbox> {
    return door(this.#engine, "inbox", platform).view.handle();
  }

  /** Appointments that the application loads, kept up to date. */
  appointments(query: AppointmentQuery): Handle<Appointments> {
    const appointments = door(this.#engine, "appointments", query);
    appointments.input = query;
    return appointments.view.handle();
  }

  /** A report in the making. */
  report(id: string): Handle<ReportView> {
    return door(this.#engine, "report", id).view.handle();
  }

  /** The chart of a patient: the others see that it is being viewed. */
  record(patientId: string): Handle<Chart> {
    return door(this.#engine, "chart", patientId).view.handle();
  }

  /** The lease on a part of a chart; nothing is locked before `acquire`. */
  recordLock(patientId: string, recordId: string): Handle<Lock> {
    return door(this.#engine, "lock", { patientId, recordId }).view.handle();
  }

  /** The rows of a template. */
  liveData<R extends Row>(id: string, options?: LiveOptions<R>): Handle<LiveData<R>> {
    return door(this.#engine, "rows", { id, ...options } as Wanted).view.handle() as never;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
