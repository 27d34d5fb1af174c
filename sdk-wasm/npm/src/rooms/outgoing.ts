// Messages on their way. They belong to the client and not to a view: what was sent from a page
// that is gone is there when it comes back.

import type { Message, RoomId } from "../protocol.js";
import type { Engine } from "../engine.js";
import type { Draft } from "../views.js";
import { now } from "../core/runtime.js";
import { CarewireError } from "../errors.js";
import { NONE, given } from "../live.js";
import { newKey } from "../requests.js";

/** A message that the server has not confirmed. */
export interface Waiting {
  readonly key: string;
  readonly draft: Exclude<Draft, string>;
  /** When the person pressed send. */
  readonly composedAt: string;
  readonly status: "queued" | "sending" | "failed";
  readonly error?: CarewireError;
}

export class Outgoing {
  #engine: Engine;
  #rooms = new Map<RoomId, readonly Waiting[]>();
  /** Edits and reactions wait until their message is stored. */
  #stored = new Map<string, Promise<Message>>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  in(room: RoomId): readonly Waiting[] {
    return this.#rooms.get(room) ?? NONE;
  }

  /** Nobody has to handle a failure: the row shows it. */
  send(room: RoomId, given: Draft): Promise<Message> {
    const refused = this.#engine.refused();
    if (refused) return refused;
    const draft = typeof given === "string" ? { body: given } : given;
    const key = draft.key ?? newKey();
    const composedAt = new Date(now()).toISOString();
    return this.#submit(room, { key, draft, composedAt, status: "queued" });
  }

  retry(room: RoomId, key: string): void {
    const failed = this.in(room).find((one) => one.key === key && one.status === "failed");
    if (!failed) return;
    const { draft, composedAt } = failed;
    void this.#submit(room, { key, draft, composedAt, status: "queued" });
  }

  /** Takes back what failed, or what was not sent yet. */
  discard(room: RoomId, key: string): void {
    const known = this.in(room).find((one) => one.key === key);
    if (known?.status === "failed") this.#put(room, key, undefined);
    else if (known) this.#engine.requests.discard(key);
  }

  /** The id of a message that may still be on its way. */
  id(key: string): Promise<string> | undefined {
    return this.#stored.get(key)?.then((message) => message.id);
  }

  /** The room shows it as stored. */
  settle(room: RoomId, key: string): void {
    if (this.in(room).some((one) => one.key === key)) this.#put(room, key, undefined);
  }

  clear(): void {
    this.#rooms.clear();
    this.#stored.clear();
  }

  #submit(room: RoomId, waiting: Waiting): Promise<Message> {
    const { key, draft, composedAt } = waiting;
    const { body = "", attachments, replyTo, metadata } = draft;
    this.#put(room, key, waiting);
    const sent = new Promise<Message>((resolve, reject) => {
      this.#engine.call(
        "message:send",
        {
          roomId: room,
          body,
          ...(attachments?.length && { attachments }),
          ...given({ replyTo, metadata }),
          // Where it does not go out at once, the others see when it was written.
          ...(!this.#engine.isLive && { composedAt }),
        },
        {
          sent: () => this.#put(room, key, { ...waiting, status: "sending" }),
          done: ({ message }) => {
            this.#put(room, key, undefined, message);
            resolve(message);
          },
          fail: (error) => {
            const failed: Waiting = { ...waiting, status: "failed", error };
            this.#put(room, key, CarewireError.is(error, "withdrawn") ? undefined : failed);
            reject(error);
          },
        },
        key,
      );
    });
    this.#stored.set(key, sent);
    sent.then(
      () => this.#stored.delete(key),
      () => this.#stored.delete(key),
    );
    return sent;
  }

  #put(room: RoomId, key: string, waiting: Waiting | undefined, stored?: Message): void {
    const all = this.in(room);
    const known = all.some((one) => one.key === key);
    // It is stored already: the event came before the reply, or a repeated one after it.
    if (!known && waiting && waiting.status !== "queued") return;
    const next = !waiting
      ? all.filter((one) => one.key !== key)
      : known
        ? all.map((one) => (one.key === key ? waiting : one))
        : [...all, waiting];
    if (next.length) this.#rooms.set(room, next);
    else this.#rooms.delete(room);
    this.#engine.find(`room:${room}`)?.onOutgoing(stored);
  }
}
